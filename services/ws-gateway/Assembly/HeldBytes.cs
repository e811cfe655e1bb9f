namespace CallMirror.WsGateway.Assembly;

/// <summary>The bytes of one call's chunks that wait: for an earlier one of their source, or for another source. One limit for all of them.</summary>
internal sealed class HeldBytes(long limit)
{
    private long _count;

    /// <summary>More waits than may.</summary>
    public bool IsOver => _count > limit;

    public void Add(long bytes) => _count += bytes;

    public void Remove(long bytes) => _count -= bytes;
}
