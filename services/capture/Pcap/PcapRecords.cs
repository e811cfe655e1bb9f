using System.Buffers.Binary;
using CallMirror.Capture.Sources;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Pcap;

/// <summary>A pcap file (draft-ietf-opsawg-pcap): one link type, times in micro- or nanoseconds, either byte order.</summary>
internal sealed class PcapRecords : IFileFormat
{
    // |                          Magic Number                         |
    // |          Major Version        |         Minor Version         |
    // |                           Reserved1                           |
    // |                           Reserved2                           |
    // |                            SnapLen                            |
    // | FCS |f|0 0 0 0 0 0 0 0 0 0 0 0|         LinkType              |
    private const int HeaderLength = 24;
    private const int LinkOffset = 20;
    private const uint LinkMask = 0x03FF_FFFF;
    private const uint Microseconds = 0xA1B2C3D4;
    private const uint Nanoseconds = 0xA1B23C4D;

    // Alexey Kuznetzov's libpcap, of which some devices still write files: each record has an interface and a protocol besides.
    private const uint Modified = 0xA1B2CD34;

    // |                      Timestamp (Seconds)                      |
    // |            Timestamp (Microseconds or nanoseconds)            |
    // |                    Captured Packet Length                     |
    // |                    Original Packet Length                     |
    private const int RecordLength = 16;
    private const int ModifiedRecordLength = 24;

    // As libpcap has it: no capture has longer frames, so a record that says so is none.
    private const int MaxFrame = 256 * 1024;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly FileBytes _bytes;
    private readonly bool _isBigEndian;
    private readonly int _recordLength;
    private readonly long _fraction;
    private readonly LinkType _link;

    private PcapRecords(FileBytes bytes, ReadOnlySpan<byte> header, uint magic, bool isBigEndian)
    {
        (_bytes, _isBigEndian) = (bytes, isBigEndian);
        _recordLength = magic == Modified ? ModifiedRecordLength : RecordLength;
        _fraction = magic == Nanoseconds ? 1 : 1000;
        _link = (LinkType)(Number(header[LinkOffset..]) & LinkMask);
    }

    /// <inheritdoc/>
    public LinkType? Link => _link;

    /// <summary>Reads the header; null where the file begins otherwise.</summary>
    public static PcapRecords? TryBegin(FileBytes bytes)
    {
        if (!bytes.TryPeek(HeaderLength, out var header))
            return null;
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(header);
        bool isBigEndian = !IsMagic(magic);
        if (isBigEndian)
            magic = BinaryPrimitives.ReverseEndianness(magic);
        if (!IsMagic(magic))
            return null;
        var records = new PcapRecords(bytes, header, magic, isBigEndian);
        bytes.TryTake(HeaderLength, out _);
        return records;
    }

    /// <inheritdoc/>
    public bool TryRead(out CapturedPacket packet, out string? damage)
    {
        packet = default;
        damage = null;
        if (!_bytes.TryPeek(_recordLength, out var record))
        {
            damage = _bytes.IsAtEnd ? null : "it ends within the header of a packet";
            return false;
        }

        uint length = Number(record[8..]);
        if (length > MaxFrame)
        {
            damage = $"a packet says that it is {length} bytes long";
            return false;
        }

        if (!_bytes.TryTake(_recordLength + (int)length, out var all))
        {
            damage = $"it ends within a packet of {length} bytes";
            return false;
        }

        long timeNs = Number(all) * NanosecondsPerSecond + Number(all[4..]) * _fraction;
        packet = new CapturedPacket(_link, timeNs, all[_recordLength..], (int)Math.Min(Number(all[12..]), int.MaxValue));
        return true;
    }

    private static bool IsMagic(uint magic) => magic is Microseconds or Nanoseconds or Modified;

    private uint Number(ReadOnlySpan<byte> bytes) =>
        _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
