using System.Buffers.Binary;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Tests.Pcap;

/// <summary>Writes pcapng block by block, in either byte order.</summary>
internal sealed class PcapngFile
{
    private readonly List<byte> _file = [];
    private bool _isBigEndian;

    public byte[] Bytes => [.. _file];

    public PcapngFile Section(bool bigEndian = false)
    {
        _isBigEndian = bigEndian;
        return Block(0x0A0D0D0A, [.. Number(0x1A2B3C4D), .. Short(1), .. Short(0), .. Enumerable.Repeat((byte)0xFF, 8)]);
    }

    /// <summary>An interface; its times are in microseconds where <paramref name="resolution"/> is null.</summary>
    public PcapngFile Interface(LinkType link = LinkType.Ethernet, uint snapLength = 262_144, byte? resolution = null, long? offset = null)
    {
        List<byte> body = [.. Short((int)link), .. Short(0), .. Number(snapLength)];
        body.AddRange([.. Short(2), .. Short(4), .. "eth0"u8]);
        if (resolution is { } power)
            body.AddRange([.. Short(9), .. Short(1), power, 0, 0, 0]);
        if (offset is { } seconds)
            body.AddRange([.. Short(14), .. Short(8), .. Long(seconds)]);
        return Block(1, [.. body, .. Short(0), .. Short(0)]);
    }

    public PcapngFile Packet(ulong time, byte[] frame, uint at = 0, uint? length = null) =>
        Block(6, [.. Number(at), .. Number((uint)(time >> 32)), .. Number((uint)time), .. Number(length ?? (uint)frame.Length), .. Number((uint)frame.Length), .. Padded(frame)]);

    public PcapngFile OldPacket(ulong time, byte[] frame, int at = 0) =>
        Block(2, [.. Short(at), .. Short(7), .. Number((uint)(time >> 32)), .. Number((uint)time), .. Number((uint)frame.Length), .. Number((uint)frame.Length), .. Padded(frame)]);

    public PcapngFile SimplePacket(byte[] frame) => Block(3, [.. Number((uint)frame.Length), .. Padded(frame)]);

    public PcapngFile Block(uint type, byte[] body)
    {
        byte[] length = Number((uint)(12 + body.Length));
        _file.AddRange([.. Number(type), .. length, .. body, .. length]);
        return this;
    }

    private static byte[] Padded(byte[] frame) => [.. frame, .. new byte[-frame.Length & 3]];

    private byte[] Long(long value) => _isBigEndian
        ? [.. Number((uint)(value >> 32)), .. Number((uint)value)]
        : [.. Number((uint)value), .. Number((uint)(value >> 32))];

    private byte[] Number(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, _isBigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        return bytes;
    }

    private byte[] Short(int value) => _isBigEndian ? [(byte)(value >> 8), (byte)value] : [(byte)value, (byte)(value >> 8)];
}
