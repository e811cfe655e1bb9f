namespace CallMirror.Capture.Sip;

/// <summary>
/// SIP messages that sip-tracker has not answered yet. What they say of the calls is not known, so nothing after the oldest of them can be
/// declared silent: it may be the BYE after which there is no more audio to be silent.
/// </summary>
internal sealed class UnansweredSip
{
    // A sip-tracker that is away for longer must not keep the silence of all calls back.
    private const long PatienceNs = 60_000_000_000;

    private readonly Queue<(long Sequence, long TimeNs)> _messages = new();

    /// <summary>A message was sent on.</summary>
    public void Sent(long sequence, long timeNs) => _messages.Enqueue((sequence, timeNs));

    /// <summary>It has been answered, and with it all before.</summary>
    public void Answered(long sequence)
    {
        while (_messages.TryPeek(out var oldest) && oldest.Sequence <= sequence)
            _messages.Dequeue();
    }

    /// <summary>Until when everything is known that SIP has said, in nanoseconds of the packets' time; without limit where all has been answered.</summary>
    public long KnownUntil(long nowNs)
    {
        while (_messages.TryPeek(out var oldest) && nowNs - oldest.TimeNs > PatienceNs)
            _messages.Dequeue();
        return _messages.TryPeek(out var first) ? first.TimeNs : long.MaxValue;
    }
}
