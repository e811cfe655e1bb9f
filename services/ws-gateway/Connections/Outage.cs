namespace CallMirror.WsGateway.Connections;

/// <summary>How long a stream has been without a listener that takes anything.</summary>
internal sealed class Outage(TimeSpan? giveUpAfter, TimeProvider time, Random random)
{
    // A connection that lasted so long was a working one, whatever it acknowledged.
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(5);

    private readonly Backoff backoff = new(random);
    private long since;
    private bool ongoing;
    private long connectedAt;
    private long ackedBefore;

    /// <summary>It has lasted too long.</summary>
    public bool IsHopeless => ongoing && giveUpAfter is { } limit && time.GetElapsedTime(since) >= limit;

    /// <summary>A connection stands.</summary>
    public void Connected() => connectedAt = time.GetTimestamp();

    /// <summary>A connection, where there was one, is gone.</summary>
    public void Began(bool wasConnected, long acked)
    {
        if (ongoing && wasConnected && time.GetElapsedTime(connectedAt) >= Lasting)
            Over();
        if (ongoing)
            return;
        ongoing = true;
        since = time.GetTimestamp();
        ackedBefore = acked;
    }

    /// <summary>The listener took something. One that acknowledges must have stored more than before, or it may be dropping everything.</summary>
    public void Progress(long acked)
    {
        if (ongoing && (acked < 0 || acked > ackedBefore))
            Over();
    }

    /// <summary>Waits before the next attempt, but not past the end of all patience.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        var wait = backoff.Next();
        if (giveUpAfter is { } limit)
            wait = TimeSpan.FromTicks(Math.Clamp((limit - time.GetElapsedTime(since)).Ticks, 0, wait.Ticks));
        return Task.Delay(wait, time, cancellationToken);
    }

    private void Over()
    {
        ongoing = false;
        backoff.Reset();
    }
}
