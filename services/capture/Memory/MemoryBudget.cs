namespace CallMirror.Capture.Memory;

/// <summary>
/// What may wait in capture while the broker, or sip-tracker, takes nothing: bounds that fit together into the memory that there is.
/// </summary>
/// <param name="WindowBytes">Windows that the broker has not confirmed, with the memory around them.</param>
/// <param name="UnclaimedBytes">RTP that waits for its call.</param>
/// <param name="ControlBytes">SIP and call events that wait for the control plane, with the memory around them.</param>
internal readonly record struct MemoryBudget(long WindowBytes, int UnclaimedBytes, long ControlBytes)
{
    /// <summary>The heap that capture can't do without: itself, and the least that may wait.</summary>
    public const long LeastHeapBytes = OwnBytes + (32 * Mebibyte);

    private const long Mebibyte = 1L << 20;

    // Some hundreds of calls, a collector that has not run yet, and the gaps between messages in their slabs.
    private const long OwnBytes = 96 * Mebibyte;

    // A restart of the broker, half a minute, at five hundred calls.
    private const long MostWindowBytes = 384 * Mebibyte;

    // sip-tracker, or the broker before it, may be away for as long as a restart takes; until it answers, no RTP has a call.
    private const long MostUnclaimedBytes = 256 * Mebibyte;
    private const long MostControlBytes = 64 * Mebibyte;

    // Of what is left: most freezes find calls that are up, whose audio waits in windows.
    private const int WindowTenths = 5;
    private const int UnclaimedTenths = 4;
    private const int ControlTenths = 1;
    private const int Tenths = WindowTenths + UnclaimedTenths + ControlTenths;

    // Beside its bytes, a packet that waits has an entry, which takes nearly as much as G.711 of 20 ms.
    private const int MemoryOfUnclaimedByte = 2;

    // The collector takes so much of a container's limit for its heap (GCHeapHardLimitPercent), and leaves the rest to stacks, code and
    // buffers of the kernel.
    private const int HeapQuarters = 3;
    private const int Quarters = 4;

    /// <summary>The heap that the collector would make of a limit of the process.</summary>
    public static long HeapOf(long limitBytes) => limitBytes / Quarters * HeapQuarters;

    /// <summary>Divides a heap; null where it is too small for capture (<see cref="LeastHeapBytes"/>).</summary>
    public static MemoryBudget? Of(long heapBytes)
    {
        if (heapBytes < LeastHeapBytes)
            return null;
        long rest = heapBytes - OwnBytes;
        return new MemoryBudget(
            Math.Min(MostWindowBytes, rest * WindowTenths / Tenths),
            (int)Math.Min(MostUnclaimedBytes, rest * UnclaimedTenths / Tenths / MemoryOfUnclaimedByte),
            Math.Min(MostControlBytes, rest * ControlTenths / Tenths));
    }

    /// <summary>Why a heap is too small, in a sentence.</summary>
    public static string TooLittle(long heapBytes) =>
        $"the {InMebibytes(heapBytes)} MiB of memory that .NET's heap may take are too little for capture, "
        + $"which needs {InMebibytes(LeastHeapBytes)} MiB: give the container, or CallMirror:Capture:MemoryLimit, "
        + $"at least {InMebibytes(LeastHeapBytes * Quarters / HeapQuarters) + 1} MiB";

    private static long InMebibytes(long bytes) => bytes / Mebibyte;
}
