using System.Buffers.Binary;
using CallMirror.Capture.Sources;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Pcap;

/// <summary>
/// A pcapng file (draft-ietf-opsawg-pcapng): sections of either byte order one behind the other, each with interfaces of their own
/// link type, snapshot length and time resolution.
/// </summary>
internal sealed class PcapngBlocks(FileBytes bytes) : IFileFormat
{
    // |                          Block Type                           |
    // |                      Block Total Length                       |
    // /                          Block Body                           /
    // |                      Block Total Length                       |
    private const uint Section = 0x0A0D0D0A;
    private const uint Interface = 1;
    private const uint OldPacket = 2;
    private const uint SimplePacket = 3;
    private const uint Packet = 6;
    private const uint ByteOrderMagic = 0x1A2B3C4D;
    private const int Frame = 12;
    private const int BodyOffset = 8;
    private const int TrailerLength = 4;

    // |        Interface ID | Timestamp (upper) | Timestamp (lower) | Captured Length | Original Length |
    private const int PacketDataOffset = 28;
    private const int SimpleDataOffset = 12;
    private const int OptionsOffset = 16;

    // Blocks that hold a packet or describe an interface are kept whole for a moment; as libpcap has it, none is longer.
    private const uint MaxBlock = 16 * 1024 * 1024;
    private const int MaxInterfaces = 65_536;

    private readonly List<PcapngInterface> _interfaces = [];
    private bool _isBigEndian;
    private long _timeNs;

    // What was wrong before the first interface; said where the first packet is asked for.
    private string? _damage;

    /// <inheritdoc/>
    public LinkType? Link => _interfaces.Count > 0 ? _interfaces[0].Link : null;

    /// <summary>Reads up to the first interface; null where the file begins otherwise.</summary>
    public static PcapngBlocks? TryBegin(FileBytes bytes)
    {
        if (!bytes.TryPeek(Frame, out var head) || BinaryPrimitives.ReadUInt32LittleEndian(head) != Section)
            return null;
        if (!IsByteOrder(head[BodyOffset..], out _))
            return null;
        var blocks = new PcapngBlocks(bytes);
        while (blocks._interfaces.Count == 0 && blocks.TryReadHeader(out uint type, out uint length, out blocks._damage) && !IsPacket(type))
            if ((blocks._damage = blocks.Describe(type, length)) is not null)
                break;
        return blocks;
    }

    /// <inheritdoc/>
    public bool TryRead(out CapturedPacket packet, out string? damage)
    {
        packet = default;
        damage = _damage;
        while (damage is null && TryReadHeader(out uint type, out uint length, out damage))
        {
            if (IsPacket(type))
                return (damage = ReadPacket(type, length, out packet)) is null;
            damage = Describe(type, length);
        }

        return false;
    }

    private static bool IsPacket(uint type) => type is Packet or OldPacket or SimplePacket;

    private static bool IsByteOrder(ReadOnlySpan<byte> magic, out bool isBigEndian)
    {
        isBigEndian = BinaryPrimitives.ReadUInt32BigEndian(magic) == ByteOrderMagic;
        return isBigEndian || BinaryPrimitives.ReadUInt32LittleEndian(magic) == ByteOrderMagic;
    }

    // False at the end, and where what follows is no block.
    private bool TryReadHeader(out uint type, out uint length, out string? damage)
    {
        (type, length, damage) = (0, 0, null);
        if (!bytes.TryPeek(Frame, out var head))
        {
            damage = bytes.IsAtEnd ? null : "it ends within the header of a block";
            return false;
        }

        // The type of a section reads the same either way, and what follows says in which order the rest of it is.
        type = Number(head);
        if (type == Section && !IsByteOrder(head[BodyOffset..], out _isBigEndian))
            damage = "a section has no byte order";
        length = Number(head[4..]);
        if (length < Frame || length % 4 != 0)
            damage ??= $"a block says that it is {length} bytes long";
        return damage is null;
    }

    // Any block but a packet's.
    private string? Describe(uint type, uint length)
    {
        if (type is not (Section or Interface))
            return bytes.TrySkip(length) ? null : "it ends within a block";
        return TakeBlock(length, out var block) ?? (type == Section ? BeginSection(block) : AddInterface(block));
    }

    private string? ReadPacket(uint type, uint length, out CapturedPacket packet)
    {
        packet = default;
        return TakeBlock(length, out var block)
            ?? (type == SimplePacket ? ReadSimple(block, out packet) : ReadPacket(block, type, out packet));
    }

    private string? TakeBlock(uint length, out ReadOnlySpan<byte> block)
    {
        block = default;
        if (length > MaxBlock)
            return $"a block says that it is {length} bytes long";
        if (!bytes.TryTake((int)length, out block))
            return $"it ends within a block of {length} bytes";
        return Number(block[^TrailerLength..]) == length ? null : "the two lengths of a block differ";
    }

    private string? BeginSection(ReadOnlySpan<byte> block)
    {
        _interfaces.Clear();
        if (block.Length < PacketDataOffset)
            return "a section's header is too short";
        int version = Short(block[Frame..]);
        return version == 1 ? null : $"it is of version {version} of pcapng, which nobody knows yet";
    }

    private string? AddInterface(ReadOnlySpan<byte> block)
    {
        if (block.Length < OptionsOffset + TrailerLength)
            return "the description of an interface is too short";
        if (_interfaces.Count == MaxInterfaces)
            return $"it has more than {MaxInterfaces} interfaces";
        var described = new PcapngInterface((LinkType)Short(block[BodyOffset..]), Number(block[Frame..]));
        _interfaces.Add(described);
        return described.TryApply(block[OptionsOffset..^TrailerLength], _isBigEndian) ? null : "the options of an interface can't be read";
    }

    private string? ReadPacket(ReadOnlySpan<byte> block, uint type, out CapturedPacket packet)
    {
        packet = default;
        if (block.Length < PacketDataOffset + TrailerLength)
            return "the block of a packet is too short";
        // The obsolete block has a count of drops in the other half.
        uint number = type == Packet ? Number(block[BodyOffset..]) : Short(block[BodyOffset..]);
        uint length = Number(block[20..]);
        if (length > block.Length - PacketDataOffset - TrailerLength)
            return $"a packet says that it is {length} bytes long, in a block of {block.Length}";
        if (number >= _interfaces.Count)
            return $"a packet is of interface {number}, which is not described";
        var from = _interfaces[(int)number];
        _timeNs = from.ToNanoseconds((ulong)Number(block[12..]) << 32 | Number(block[16..]));
        int onWire = (int)Math.Min(Number(block[24..]), int.MaxValue);
        packet = new CapturedPacket(from.Link, _timeNs, block.Slice(PacketDataOffset, (int)length), onWire);
        return null;
    }

    // It has no time: it counts as captured with the one before it.
    private string? ReadSimple(ReadOnlySpan<byte> block, out CapturedPacket packet)
    {
        packet = default;
        if (block.Length < SimpleDataOffset + TrailerLength)
            return "the block of a packet is too short";
        if (_interfaces.Count == 0)
            return "a packet is of interface 0, which is not described";
        uint original = Number(block[BodyOffset..]);
        uint kept = _interfaces[0].SnapLength is > 0 and var snap ? Math.Min(original, snap) : original;
        if (kept > block.Length - SimpleDataOffset - TrailerLength)
            return $"a packet says that it is {kept} bytes long, in a block of {block.Length}";
        var frame = block.Slice(SimpleDataOffset, (int)kept);
        packet = new CapturedPacket(_interfaces[0].Link, _timeNs, frame, (int)Math.Min(original, int.MaxValue));
        return null;
    }

    private uint Number(ReadOnlySpan<byte> from) =>
        _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(from) : BinaryPrimitives.ReadUInt32LittleEndian(from);

    private ushort Short(ReadOnlySpan<byte> from) =>
        _isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(from) : BinaryPrimitives.ReadUInt16LittleEndian(from);
}
