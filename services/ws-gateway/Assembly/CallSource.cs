using CallMirror.Messaging.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>A chunk that has been used, and up to where the streams reach for its source with it.</summary>
internal readonly record struct UsedChunk(MediaDelivery Delivery, long CallerThrough, long CalleeThrough);

/// <summary>A chunk that the streams need no more, and up to where the listener must have them before it need not come again.</summary>
internal readonly record struct SettledChunk(MediaDelivery Delivery, long CallerThrough, long CalleeThrough);

/// <summary>One capture that sends chunks of a call.</summary>
/// <param name="id">Its number in the chunks' headers.</param>
/// <param name="slot">Its place among the call's sources.</param>
/// <param name="order">Puts its chunks in order.</param>
internal sealed class CallSource(uint id, int slot, ChunkOrder order)
{
    public uint Id => id;

    public int Slot => slot;

    public ChunkOrder Order => order;

    /// <summary>By how much its positions differ from the streams'.</summary>
    public SourceSkew Skew { get; } = new();

    /// <summary>Capture time of the newest packet that it has sent, in nanoseconds since the Unix epoch.</summary>
    public long CapturedAt { get; set; } = long.MinValue;

    /// <summary>Chunks used, but not yet written up to where they reach.</summary>
    public Queue<UsedChunk> Used { get; } = new();

    /// <summary>Nothing of it waits.</summary>
    public bool IsIdle => order.HeldCount == 0 && Used.Count == 0;
}
