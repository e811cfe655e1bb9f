using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Assembly;

namespace CallMirror.WsGateway.Calls;

/// <summary>
/// Chunks that have been used and not yet acknowledged, oldest first: each is kept until the listener has all its audio. A gateway that dies before leaves them to the next.
/// </summary>
internal sealed class HandedChunks
{
    private readonly Queue<SettledChunk> _chunks = new();

    /// <summary>Chunks that wait for the listener.</summary>
    public int Count => _chunks.Count;

    /// <summary>A chunk has been used.</summary>
    public void Add(in SettledChunk chunk) => _chunks.Enqueue(chunk);

    /// <summary>Takes the oldest chunk if the listener has everything before these positions.</summary>
    public bool TryTake(long callerSecured, long calleeSecured, out MediaDelivery chunk)
    {
        bool has = _chunks.TryPeek(out var oldest) && oldest.CallerThrough <= callerSecured && oldest.CalleeThrough <= calleeSecured;
        chunk = has ? _chunks.Dequeue().Delivery : null!;
        return has;
    }
}
