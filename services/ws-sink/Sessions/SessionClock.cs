using CallMirror.WsSink.Protocol;

namespace CallMirror.WsSink.Sessions;

/// <summary>How long a connection has been in its phase. Receiving costs one increment; the rest is done when it is looked at.</summary>
internal sealed class SessionClock(SinkOptions options, TimeProvider time)
{
    private readonly long connectedAt = time.GetTimestamp();
    private long came;
    private long seen;
    private long quietSince = time.GetTimestamp();
    private long endedAt;
    private long closingSince;

    internal abstract record Verdict
    {
        internal sealed record Stay : Verdict;
        internal sealed record Abort : Verdict;
        internal sealed record Close(Refusal Reason) : Verdict;
    }

    public void SomethingCame() => came++;

    public Verdict Tick(Phase phase, bool closing)
    {
        var cameBy = Volatile.Read(ref came);
        if (cameBy != seen)
            (seen, quietSince) = (cameBy, time.GetTimestamp());
        if (phase == Phase.Ended && endedAt == 0)
            endedAt = time.GetTimestamp();
        if (closing && closingSince == 0)
            closingSince = time.GetTimestamp();
        return (phase, closing) switch
        {
            (_, true) => Over(closingSince, options.CloseTimeout) ? new Verdict.Abort() : new Verdict.Stay(),
            (Phase.AwaitingStart, _) => Over(connectedAt, options.StartTimeout, Refusal.StartTimeout),
            (Phase.Ended, _) => Over(endedAt, options.CloseTimeout, Refusal.NoClose),
            _ => Over(quietSince, options.IdleTimeout, Refusal.IdleTimeout),
        };
    }

    private Verdict Over(long since, TimeSpan limit, Refusal reason) => Over(since, limit) ? new Verdict.Close(reason) : new Verdict.Stay();

    private bool Over(long since, TimeSpan limit) => time.GetElapsedTime(since) >= limit;
}
