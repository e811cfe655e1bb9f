using CallMirror.Messaging;

namespace CallMirror.WsGateway.Connections;

/// <summary>How long a stream has been without a listener that takes anything.</summary>
internal sealed class Outage(TimeSpan? giveUpAfter, TimeProvider time, Random random)
{
    internal static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    internal static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    // Where the listener says that it will never take this, nobody is in a hurry to ask again.
    internal static readonly TimeSpan RefusedWait = TimeSpan.FromMinutes(1);

    // A connection that lasted so long was a working one, whatever it acknowledged.
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(5);

    // A timer may come a little early, and the last wait must end behind the limit: else attempt would follow attempt until that is reached.
    private static readonly TimeSpan Beyond = TimeSpan.FromMilliseconds(20);

    private readonly Backoff _backoff = new(FirstWait, LongestWait, random);
    private long _since;
    private bool _ongoing;
    private long _connectedAt;
    private long _ackedBefore;

    /// <summary>It has lasted too long.</summary>
    public bool IsHopeless => giveUpAfter is { } limit && HasLasted(limit);

    /// <summary>It has lasted so long.</summary>
    public bool HasLasted(TimeSpan atLeast) => _ongoing && time.GetElapsedTime(_since) >= atLeast;

    /// <summary>A connection stands.</summary>
    public void Connected() => _connectedAt = time.GetTimestamp();

    /// <summary>A connection, where there was one, is gone.</summary>
    public void Began(bool wasConnected, long acked)
    {
        if (_ongoing && wasConnected && time.GetElapsedTime(_connectedAt) >= Lasting)
            Over();
        if (_ongoing)
            return;
        _ongoing = true;
        _since = time.GetTimestamp();
        _ackedBefore = acked;
    }

    /// <summary>
    /// The listener took something. One that acknowledges must have stored more than before, or it may be dropping everything; of one that never says a word it
    /// shows by the connection's lasting, for what a socket takes may go nowhere.
    /// </summary>
    public void Progress(long acked)
    {
        if (_ongoing && (acked < 0 ? time.GetElapsedTime(_connectedAt) >= Lasting : acked > _ackedBefore))
            Over();
    }

    /// <summary>Waits before the next attempt, but not much past the end of all patience.</summary>
    /// <param name="isRefused">The listener has said that it will not take this.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitAsync(bool isRefused, CancellationToken cancellationToken)
    {
        var wait = isRefused ? RefusedWait : _backoff.Next();
        if (giveUpAfter is { } limit)
            wait = TimeSpan.FromTicks(Math.Clamp((limit - time.GetElapsedTime(_since) + Beyond).Ticks, Beyond.Ticks, Math.Max(wait.Ticks, Beyond.Ticks)));
        return Task.Delay(wait, time, cancellationToken);
    }

    private void Over()
    {
        _ongoing = false;
        _backoff.Reset();
    }
}
