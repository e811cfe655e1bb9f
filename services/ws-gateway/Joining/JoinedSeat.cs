using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Joining;

/// <summary>A listener's place at a tap.</summary>
/// <param name="queue">What waits for it.</param>
/// <param name="identity">What it is told of its stream.</param>
/// <param name="name">What SIP has told of a call that was found by its media; null where nothing.</param>
/// <param name="leave">Gives the place back.</param>
internal sealed class JoinedSeat(ListenerQueue queue, StreamIdentity identity, Func<CallName?> name, Action leave) : IDisposable
{
    private bool _isLeft;

    public ListenerQueue Queue => queue;

    public StreamIdentity Identity => identity;

    /// <summary>What SIP has told by now of a call that was found by its media.</summary>
    public CallName? Name => name();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isLeft, true))
            return;
        leave();
        queue.Dispose();
    }
}
