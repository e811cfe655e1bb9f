using CallMirror.Messaging.Media;

namespace CallMirror.WsGateway.Calls;

/// <summary>
/// Chunks that have been used and not yet acknowledged, oldest first: each is kept until the listener has all audio that was known when it was
/// used. A gateway that dies before leaves them to the next.
/// </summary>
internal sealed class HandedChunks
{
    private readonly Queue<(MediaDelivery Chunk, long CallerTail, long CalleeTail)> _chunks = new();

    /// <summary>Chunks that wait for the listener.</summary>
    public int Count => _chunks.Count;

    /// <summary>A chunk has been used; the streams reach to these positions with it.</summary>
    public void Add(MediaDelivery chunk, long callerTail, long calleeTail) => _chunks.Enqueue((chunk, callerTail, calleeTail));

    /// <summary>Takes the oldest chunk if the listener has everything before these positions.</summary>
    public bool TryTake(long callerSecured, long calleeSecured, out MediaDelivery chunk)
    {
        bool has = _chunks.TryPeek(out var oldest) && oldest.CallerTail <= callerSecured && oldest.CalleeTail <= calleeSecured;
        chunk = has ? _chunks.Dequeue().Chunk : null!;
        return has;
    }
}
