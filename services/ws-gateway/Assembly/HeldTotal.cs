namespace CallMirror.WsGateway.Assembly;

/// <summary>
/// The bytes of all calls' chunks that wait. Behind a broker that was away every call may wait for a chunk that never comes, and meanwhile
/// the broker sends what has gathered: bounds of each call alone would allow more than there is memory. Any thread may call.
/// </summary>
internal sealed class HeldTotal(long limit)
{
    private const long Mebibyte = 1L << 20;

    // Some hundreds of calls that wait for nothing, and a collector that has not run yet.
    private const long OwnBytes = 128 * Mebibyte;

    // Of the rest: what listeners have not acknowledged and what is not read yet needs room too.
    private const int Share = 2;

    private const long LeastBytes = 16 * Mebibyte;
    private const long MostBytes = 1024 * Mebibyte;

    private long _count;

    /// <summary>More waits than may.</summary>
    public bool IsOver => Interlocked.Read(ref _count) > limit;

    /// <summary>What may wait in a process whose heap may take so much.</summary>
    public static long LimitOf(long heapBytes) => Math.Clamp((heapBytes - OwnBytes) / Share, LeastBytes, MostBytes);

    public void Add(long bytes) => Interlocked.Add(ref _count, bytes);
}
