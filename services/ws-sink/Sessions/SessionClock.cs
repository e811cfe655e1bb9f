using CallMirror.WsSink.Protocol;

namespace CallMirror.WsSink.Sessions;

/// <summary>How long a connection has been in its phase. Receiving costs one increment; the rest is done when it is looked at.</summary>
internal sealed class SessionClock(SinkOptions options, TimeProvider time)
{
    private readonly long _connectedAt = time.GetTimestamp();
    private long _came;
    private long _seen;
    private long _quietSince = time.GetTimestamp();
    private long _endedAt;
    private long _closingSince;

    internal abstract record Verdict
    {
        internal sealed record Stay : Verdict;
        internal sealed record Abort : Verdict;
        internal sealed record Close(Refusal Reason) : Verdict;
    }

    public void SomethingCame() => _came++;

    public Verdict Tick(Phase phase, bool closing)
    {
        var cameBy = Volatile.Read(ref _came);
        if (cameBy != _seen)
            (_seen, _quietSince) = (cameBy, time.GetTimestamp());
        if (phase == Phase.Ended && _endedAt == 0)
            _endedAt = time.GetTimestamp();
        if (closing && _closingSince == 0)
            _closingSince = time.GetTimestamp();
        return (phase, closing) switch
        {
            (_, true) => Over(_closingSince, options.CloseTimeout) ? new Verdict.Abort() : new Verdict.Stay(),
            (Phase.AwaitingStart, _) => Over(_connectedAt, options.StartTimeout, Refusal.StartTimeout),
            (Phase.Ended, _) => Over(_endedAt, options.CloseTimeout, Refusal.NoClose),
            _ => Over(_quietSince, options.IdleTimeout, Refusal.IdleTimeout),
        };
    }

    private Verdict Over(long since, TimeSpan limit, Refusal reason) => Over(since, limit) ? new Verdict.Close(reason) : new Verdict.Stay();

    private bool Over(long since, TimeSpan limit) => time.GetElapsedTime(since) >= limit;
}
