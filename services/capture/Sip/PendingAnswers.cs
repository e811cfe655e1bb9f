using CallMirror.Capture.Calls;
using CallMirror.Contracts.Calls;

namespace CallMirror.Capture.Sip;

/// <summary>
/// What sip-tracker has been told and has not answered, in the order of capture. What it says of a call meanwhile is kept with the message that it answers, and
/// counts where that message stands among the packets. So a live capture decides as one that reads a file and waits for each answer.
/// </summary>
internal sealed class PendingAnswers
{
    // Packets must not wait for ever for a sip-tracker that is away. A broker that is stopped for 46 s keeps its answers away for 64 s and more: it takes seconds to stop and
    // to start, and MassTransit is back ten seconds after it.
    private const long PatienceNs = 180_000_000_000;

    // A later message was answered so long ago: this answer was lost with the broker's queue, or waits for a lane. What it says counts when it comes.
    private const long OvertakenNs = 15_000_000_000;

    // Half an hour of the SIP of five hundred calls of a minute; what comes on top counts as answered.
    private const int MaxPending = 65_536;

    private readonly Queue<Question> _inOrder = new();
    private readonly Dictionary<string, QuestionsOfCall> _ofCall = new(StringComparer.Ordinal);

    // The furthest messages that have been answered, and when: by these is known since when the oldest is overtaken.
    private readonly Queue<(long Number, long AnsweredNs)> _furthest = new();
    private long _furthestNumber;
    private long _added;

    /// <summary>Messages that are kept: no more than came since the oldest that is still waited for.</summary>
    public int Count => _inOrder.Count;

    /// <summary>The oldest that is waited for; null where sip-tracker has answered everything.</summary>
    public Question? Oldest => _inOrder.TryPeek(out var oldest) ? oldest : null;

    /// <summary>Whether a message of a Call-ID is kept.</summary>
    public bool Has(string callId) => _ofCall.ContainsKey(callId);

    /// <summary>A message was sent on.</summary>
    /// <param name="callId">Its call.</param>
    /// <param name="sequence">Its number.</param>
    /// <param name="timeNs">When it was captured.</param>
    /// <param name="packetsBefore">The number of the last packet that was put aside before it.</param>
    /// <param name="bye">It is a BYE, of which is to be known in its turn whose it is.</param>
    public void Add(string callId, long sequence, long timeNs, long packetsBefore, HeardBye? bye = null)
    {
        if (_inOrder.Count >= MaxPending)
            Answer(_inOrder.Peek().CallId, _inOrder.Peek().Sequence);
        var question = new Question(callId, sequence, ++_added, timeNs, packetsBefore) { Bye = bye };
        if (!_ofCall.TryGetValue(callId, out var call))
            _ofCall[callId] = call = new QuestionsOfCall();
        call.Unanswered.Enqueue(question);
        call.Last = question;
        _inOrder.Enqueue(question);
    }

    /// <summary>
    /// Keeps an event of a call of which a message is kept; false where there is none, and the event counts at once. Where all of them are answered, and
    /// wait only for those before them, it counts with the last.
    /// </summary>
    public bool TryKeep(CallEvent callEvent)
    {
        // A call that was found is told of under the name that it was found by, as its SIP is answered.
        if (!_ofCall.TryGetValue(callEvent.SipCallId ?? callEvent.CallId, out var call))
            return false;
        (call.Unanswered.Count > 0 ? call.Events : call.Last!.Events).Add(callEvent);
        return true;
    }

    /// <summary>sip-tracker has answered a message, and with it all before of its call.</summary>
    public void Answer(string callId, long sequence, long nowNs)
    {
        if (Answer(callId, sequence) is not { } last || last.Number <= _furthestNumber)
            return;
        _furthestNumber = last.Number;
        _furthest.Enqueue((last.Number, nowNs));
    }

    /// <summary>Takes the oldest message where it has been answered, or has been waited for too long.</summary>
    public bool TryTakeAnswered(long nowNs, out Question? question)
    {
        question = null;
        if (!_inOrder.TryPeek(out var oldest))
            return false;
        if (!oldest.IsAnswered && (nowNs - oldest.TimeNs > PatienceNs || IsOvertaken(oldest, nowNs)))
            Answer(oldest.CallId, oldest.Sequence);
        if (!oldest.IsAnswered)
            return false;
        question = _inOrder.Dequeue();
        if (_ofCall[question.CallId].Last == question)
            _ofCall.Remove(question.CallId);
        return true;
    }

    /// <summary>No more answers come.</summary>
    public void AnswerAll()
    {
        foreach (var question in _inOrder.ToList())
            Answer(question.CallId, question.Sequence);
    }

    private bool IsOvertaken(Question oldest, long nowNs)
    {
        while (_furthest.TryPeek(out var answered) && answered.Number <= oldest.Number)
            _furthest.Dequeue();
        return _furthest.TryPeek(out var later) && nowNs - later.AnsweredNs > OvertakenNs;
    }

    private Question? Answer(string callId, long sequence)
    {
        if (!_ofCall.TryGetValue(callId, out var call))
            return null;
        Question? last = null;
        while (call.Unanswered.TryPeek(out var oldest) && oldest.Sequence <= sequence)
        {
            last = call.Unanswered.Dequeue();
            last.IsAnswered = true;
        }

        if (last is not null)
        {
            last.Events.AddRange(call.Events);
            call.Events.Clear();
        }

        return last;
    }

    /// <summary>A message that was sent to sip-tracker.</summary>
    internal sealed class Question(string callId, long sequence, long number, long timeNs, long packetsBefore)
    {
        public string CallId { get; } = callId;

        public long Sequence { get; } = sequence;

        /// <summary>Its place among all messages, from 1.</summary>
        public long Number { get; } = number;

        public long TimeNs { get; } = timeNs;

        /// <summary>The number of the last packet that was put aside before it.</summary>
        public long PacketsBefore { get; } = packetsBefore;

        /// <summary>It is a BYE, and was not the only message of its dialog that waited.</summary>
        public HeardBye? Bye { get; init; }

        public bool IsAnswered { get; set; }

        /// <summary>What sip-tracker said of the call.</summary>
        public List<CallEvent> Events { get; } = [];
    }

    /// <summary>The messages of a call that are kept: there is at least one.</summary>
    private sealed class QuestionsOfCall
    {
        public Queue<Question> Unanswered { get; } = new();

        /// <summary>What was said since the last answer.</summary>
        public List<CallEvent> Events { get; } = [];

        /// <summary>The last one, answered or not: behind it nothing of the call has been decided yet.</summary>
        public Question? Last { get; set; }
    }
}
