using CallMirror.Contracts.Calls;

namespace CallMirror.Capture.Sip;

/// <summary>
/// What sip-tracker has been told and has not answered, in the order of capture. What it says of a call meanwhile is kept with the message that it answers, and
/// counts where that message stands among the packets. So a live capture decides as one that reads a file and waits for each answer.
/// </summary>
internal sealed class PendingAnswers
{
    // Packets must not wait for ever for a sip-tracker that is away.
    private const long PatienceNs = 60_000_000_000;

    // sip-tracker answers others that were sent so much later: this answer was lost with the broker's queue, or waits for a lane. What it says counts when it comes.
    private const long OvertakenNs = 6_000_000_000;

    // Half an hour of the SIP of five hundred calls of a minute; what comes on top counts as answered.
    private const int MaxPending = 65_536;

    private readonly Queue<Question> _inOrder = new();
    private readonly Dictionary<string, Unanswered> _ofCall = new(StringComparer.Ordinal);
    private long _heardNs = long.MinValue;

    /// <summary>Messages that are kept: no more than came since the oldest that is still waited for.</summary>
    public int Count => _inOrder.Count;

    /// <summary>The oldest that is waited for; null where sip-tracker has answered everything.</summary>
    public Question? Oldest => _inOrder.TryPeek(out var oldest) ? oldest : null;

    /// <summary>A message was sent on.</summary>
    /// <param name="callId">Its call.</param>
    /// <param name="sequence">Its number.</param>
    /// <param name="timeNs">When it was captured.</param>
    /// <param name="packetsBefore">The number of the last packet that was put aside before it.</param>
    public void Add(string callId, long sequence, long timeNs, long packetsBefore)
    {
        if (_inOrder.Count == MaxPending)
            Answer(_inOrder.Peek().CallId, _inOrder.Peek().Sequence);
        var question = new Question(callId, sequence, timeNs, packetsBefore);
        if (!_ofCall.TryGetValue(callId, out var unanswered))
            _ofCall[callId] = unanswered = new Unanswered();
        unanswered.Questions.Enqueue(question);
        _inOrder.Enqueue(question);
    }

    /// <summary>Keeps an event of a call of which a message is not answered; false where there is none, and the event counts at once.</summary>
    public bool TryKeep(CallEvent callEvent)
    {
        // A call that was found is told of under the name that it was found by, as its SIP is answered.
        if (!_ofCall.TryGetValue(callEvent.SipCallId ?? callEvent.CallId, out var unanswered))
            return false;
        unanswered.Events.Add(callEvent);
        return true;
    }

    /// <summary>A message has been answered, and with it all before of its call.</summary>
    public void Answer(string callId, long sequence)
    {
        if (!_ofCall.TryGetValue(callId, out var unanswered))
            return;
        Question? last = null;
        while (unanswered.Questions.TryPeek(out var oldest) && oldest.Sequence <= sequence)
        {
            last = unanswered.Questions.Dequeue();
            last.IsAnswered = true;
        }

        if (last is not null)
        {
            last.Events = [.. unanswered.Events];
            unanswered.Events.Clear();
        }

        if (unanswered.Questions.Count == 0)
            _ofCall.Remove(callId);
    }

    /// <summary>sip-tracker has answered something at this time.</summary>
    public void Heard(long nowNs) => _heardNs = Math.Max(_heardNs, nowNs);

    /// <summary>Takes the oldest message where it has been answered, or has been waited for too long.</summary>
    public bool TryTakeAnswered(long nowNs, out Question? question)
    {
        question = null;
        if (!_inOrder.TryPeek(out var oldest))
            return false;
        if (!oldest.IsAnswered && (nowNs - oldest.TimeNs > PatienceNs || _heardNs > oldest.TimeNs + OvertakenNs))
            Answer(oldest.CallId, oldest.Sequence);
        if (!oldest.IsAnswered)
            return false;
        question = _inOrder.Dequeue();
        return true;
    }

    /// <summary>No more answers come.</summary>
    public void AnswerAll()
    {
        foreach (var question in _inOrder.ToList())
            Answer(question.CallId, question.Sequence);
    }

    /// <summary>A message that was sent to sip-tracker.</summary>
    internal sealed class Question(string callId, long sequence, long timeNs, long packetsBefore)
    {
        public string CallId { get; } = callId;

        public long Sequence { get; } = sequence;

        public long TimeNs { get; } = timeNs;

        /// <summary>The number of the last packet that was put aside before it.</summary>
        public long PacketsBefore { get; } = packetsBefore;

        public bool IsAnswered { get; set; }

        /// <summary>What sip-tracker said of the call.</summary>
        public IReadOnlyList<CallEvent> Events { get; set; } = [];
    }

    private sealed class Unanswered
    {
        public Queue<Question> Questions { get; } = new();

        public List<CallEvent> Events { get; } = [];
    }
}
