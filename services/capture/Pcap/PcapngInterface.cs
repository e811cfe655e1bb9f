using System.Buffers.Binary;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Pcap;

/// <summary>An interface that a pcapng section describes (draft-ietf-opsawg-pcapng §4.2), and what its time units are.</summary>
/// <param name="Link">What its frames begin with.</param>
/// <param name="SnapLength">The longest frame that was kept, or 0 for any.</param>
internal sealed record PcapngInterface(LinkType Link, uint SnapLength)
{
    private const ushort EndOfOptions = 0;
    private const ushort TimeResolution = 9;
    private const ushort TimeOffset = 14;
    private const int OptionHeader = 4;
    private const byte PowersOfTwo = 0x80;
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    // 10^19 and 2^63 are the largest that 64 bits hold.
    private const int MostDecimal = 19;
    private const int MostBinary = 63;

    private ulong _unitsPerSecond = 1_000_000;
    private long _offsetSeconds;

    /// <summary>Takes the options of its block; false where one is cut off, or says what can't be.</summary>
    public bool TryApply(ReadOnlySpan<byte> options, bool isBigEndian)
    {
        while (options.Length >= OptionHeader)
        {
            ushort code = Short(options, isBigEndian);
            int length = Short(options[2..], isBigEndian);
            if (code == EndOfOptions)
                return true;
            options = options[OptionHeader..];
            if (length > options.Length || !TryApply(code, options[..length], isBigEndian))
                return false;
            options = options[Math.Min(options.Length, (length + 3) & ~3)..];
        }

        return true;
    }

    /// <summary>A time of this interface, in nanoseconds since the Unix epoch.</summary>
    public long ToNanoseconds(ulong units)
    {
        // Nearly all files are in micro- or nanoseconds, and 128 bits cost a division.
        ulong unit = NanosecondsPerSecond % _unitsPerSecond == 0 ? NanosecondsPerSecond / _unitsPerSecond : 0;
        if (_offsetSeconds == 0 && unit > 0 && units <= long.MaxValue / unit)
            return (long)(units * unit);
        var time = (Int128)units * NanosecondsPerSecond / _unitsPerSecond + (Int128)_offsetSeconds * NanosecondsPerSecond;
        return (long)Int128.Clamp(time, 0, long.MaxValue);
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private bool TryApply(ushort code, ReadOnlySpan<byte> value, bool isBigEndian)
    {
        if (code == TimeResolution && value.Length == 1)
            return TrySetResolution(value[0]);
        if (code == TimeOffset && value.Length == sizeof(long))
            _offsetSeconds = isBigEndian ? BinaryPrimitives.ReadInt64BigEndian(value) : BinaryPrimitives.ReadInt64LittleEndian(value);
        return true;
    }

    private bool TrySetResolution(byte resolution)
    {
        int power = resolution & ~PowersOfTwo;
        bool isBinary = (resolution & PowersOfTwo) != 0;
        if (power > (isBinary ? MostBinary : MostDecimal))
            return false;
        _unitsPerSecond = 1;
        for (int i = 0; i < power; i++)
            _unitsPerSecond *= isBinary ? 2u : 10u;
        return true;
    }
}
