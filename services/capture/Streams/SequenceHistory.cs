using System.Buffers.Binary;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>What the history knows of a packet's sequence number.</summary>
internal enum SeenBefore : byte
{
    /// <summary>No packet had this number lately.</summary>
    No,

    /// <summary>One had, with the same timestamp and the same samples: this is a copy of it.</summary>
    Copy,

    /// <summary>One had, with the same timestamp but other samples.</summary>
    OtherSamples,

    /// <summary>One had, with another timestamp: numbers have begun again, or stand still.</summary>
    OtherTimestamp,
}

/// <summary>
/// The packets of the last <see cref="Length"/> sequence numbers, each as 16 bits of its timestamp's hash and 15 of its samples': tells a second copy from
/// a packet that is late, and both from numbers that have begun again (RFC 3550 §5.1: one sampling instant has one timestamp).
/// </summary>
internal readonly struct SequenceHistory()
{
    /// <summary>Twenty seconds of 20 ms packets.</summary>
    public const int Length = 1024;

    private const uint Unseen = 0;
    private const uint Seen = 1;
    private const int TimestampShift = 16;

    // Beside those of other sources: between the small objects of many calls they would spread those over more pages than a processor keeps addresses of.
    private readonly uint[] _packets = GC.AllocateArray<uint>(Length, pinned: true);

    /// <summary>How a packet compares with the one that had its number.</summary>
    public SeenBefore Find(in RtpPacket packet)
    {
        uint known = _packets[packet.SequenceNumber.Value % Length];
        uint print = PrintOf(packet);
        if (known == Unseen)
            return SeenBefore.No;
        if (known == print)
            return SeenBefore.Copy;
        return known >> TimestampShift == print >> TimestampShift ? SeenBefore.OtherSamples : SeenBefore.OtherTimestamp;
    }

    public void Add(in RtpPacket packet) => _packets[packet.SequenceNumber.Value % Length] = PrintOf(packet);

    /// <summary>The number comes into reach anew: whatever was <see cref="Length"/> before it is forgotten.</summary>
    public void Forget(SequenceNumber number) => _packets[number.Value % Length] = Unseen;

    public void Clear() => _packets.AsSpan().Clear();

    private static uint PrintOf(in RtpPacket packet)
    {
        uint timestamp = Hash(packet.Timestamp.Value) >> TimestampShift;
        uint samples = Hash(Sketch(packet.Payload)) >> TimestampShift;
        return timestamp << TimestampShift | samples | Seen;
    }

    // First, middle and last samples and how many: a copy has the same, and other speech does not.
    private static uint Sketch(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < sizeof(uint))
            return (uint)payload.Length;
        uint first = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        uint middle = BinaryPrimitives.ReadUInt32LittleEndian(payload[((payload.Length - sizeof(uint)) / 2)..]);
        uint last = BinaryPrimitives.ReadUInt32LittleEndian(payload[^sizeof(uint)..]);
        return first ^ uint.RotateLeft(middle, 11) ^ uint.RotateLeft(last, 22) ^ (uint)payload.Length;
    }

    private static uint Hash(uint value) => value * 0x9E37_79B1;
}
