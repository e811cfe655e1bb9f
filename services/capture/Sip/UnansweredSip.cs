namespace CallMirror.Capture.Sip;

/// <summary>
/// SIP messages that sip-tracker has not answered yet. What they say of their call is not known, so nothing of it after the oldest of them can be
/// declared silent: it may be the BYE after which there is no more audio to be silent. Answers come in order within a call, and between calls in any: one that
/// waits for its lane holds up no other.
/// </summary>
internal sealed class UnansweredSip
{
    // A sip-tracker that is away for longer must not keep the silence of a call back.
    private const long PatienceNs = 60_000_000_000;

    private readonly Dictionary<string, Queue<Sent>> _ofCall = new(StringComparer.Ordinal);
    private readonly Queue<(string CallId, Sent Message)> _all = new();

    /// <summary>Messages that are kept: no more than came since the oldest that is still waited for.</summary>
    public int Count => _all.Count;

    /// <summary>A message of a call was sent on.</summary>
    public void Add(string callId, long sequence, long timeNs)
    {
        // Here too: of most messages nobody asks, as they are of no call that is followed.
        Forget(timeNs);
        var message = new Sent(sequence, timeNs);
        if (!_ofCall.TryGetValue(callId, out var messages))
            _ofCall[callId] = messages = new Queue<Sent>();
        messages.Enqueue(message);
        _all.Enqueue((callId, message));
    }

    /// <summary>It has been answered, and with it all before of its call.</summary>
    public void Answered(string callId, long sequence)
    {
        if (!_ofCall.TryGetValue(callId, out var messages))
            return;
        while (messages.TryPeek(out var oldest) && oldest.Sequence <= sequence)
            messages.Dequeue();
        if (messages.Count == 0)
            _ofCall.Remove(callId);
    }

    /// <summary>Until when everything is known that SIP has said of a call, in nanoseconds of the packets' time; without limit where all has been answered.</summary>
    public long KnownUntil(string callId, long nowNs)
    {
        Forget(nowNs);
        return _ofCall.TryGetValue(callId, out var messages) ? messages.Peek().TimeNs : long.MaxValue;
    }

    // What has been answered, or has waited too long for it.
    private void Forget(long nowNs)
    {
        while (_all.TryPeek(out var oldest) && (!IsWaitedFor(oldest.CallId, oldest.Message) || nowNs - oldest.Message.TimeNs > PatienceNs))
        {
            _all.Dequeue();
            Answered(oldest.CallId, oldest.Message.Sequence);
        }
    }

    private bool IsWaitedFor(string callId, Sent message) => _ofCall.TryGetValue(callId, out var messages) && messages.Peek().Sequence <= message.Sequence;

    private readonly record struct Sent(long Sequence, long TimeNs);
}
