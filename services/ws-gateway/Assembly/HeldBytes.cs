namespace CallMirror.WsGateway.Assembly;

/// <summary>The bytes of one call's chunks that wait: for an earlier one of their source, or for another source. One limit for all of them.</summary>
/// <param name="limit">How many the call may hold.</param>
/// <param name="all">Those of all calls, which have a limit too; null: none.</param>
internal sealed class HeldBytes(long limit, HeldTotal? all = null)
{
    private long _count;

    /// <summary>More waits than may, in this call or in all.</summary>
    public bool IsOver => _count > limit || (_count > 0 && all is { IsOver: true });

    public void Add(long bytes)
    {
        _count += bytes;
        all?.Add(bytes);
    }

    public void Remove(long bytes) => Add(-bytes);

    /// <summary>Nothing of the call waits any more.</summary>
    public void Clear() => Remove(_count);
}
