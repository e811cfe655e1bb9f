using System.Buffers.Binary;

namespace CallMirror.Protocols.Packets;

/// <summary>Reads an IPv4 packet (RFC 791 §3.1).</summary>
internal static class Ipv4
{
    //  0                   1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |Version|  IHL  |Type of Service|          Total Length         |
    // |         Identification        |Flags|      Fragment Offset    |
    // |  Time to Live |    Protocol   |         Header Checksum       |
    // |                       Source Address                          |
    // |                    Destination Address                        |
    // |                    Options ...                                |
    private const int MinHeaderLength = 20;
    private const ushort MoreFragmentsBit = 0x2000;
    private const ushort OffsetMask = 0x1FFF;
    private const int OffsetUnit = 8;

    public static PacketError Read(ReadOnlySpan<byte> data, out IpPacket packet)
    {
        packet = default;
        if (data.Length < MinHeaderLength)
            return PacketError.Truncated;
        int headerLength = (data[0] & 0x0F) * 4;
        int totalLength = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
        // A network card that segments (TSO) gets its packets with length 0, and that is what a capture on the host sees.
        if (totalLength == 0)
            totalLength = data.Length;
        if (headerLength < MinHeaderLength || totalLength < headerLength)
            return PacketError.BadIpHeader;
        if (totalLength > data.Length)
            return PacketError.Truncated;

        // DF is not looked at: Linux sends fragments of a big SIP request with DF and MF both set.
        ushort fragment = BinaryPrimitives.ReadUInt16BigEndian(data[6..]);
        packet = new IpPacket
        {
            Version = 4,
            Protocol = data[9],
            Identification = BinaryPrimitives.ReadUInt16BigEndian(data[4..]),
            MoreFragments = (fragment & MoreFragmentsBit) != 0,
            FragmentOffset = (fragment & OffsetMask) * OffsetUnit,
            Source = TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(data[12..]), 0),
            Destination = TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(data[16..]), 0),
            // What follows the total length is Ethernet padding.
            Payload = data[headerLength..totalLength],
        };
        return PacketError.None;
    }

    /// <summary>Where the UDP header begins in a packet that may be cut short; -1 where there is none.</summary>
    public static int UdpHeaderOffset(ReadOnlySpan<byte> data) =>
        data.Length >= MinHeaderLength
        && data[9] == (byte)Transport.Udp
        && (BinaryPrimitives.ReadUInt16BigEndian(data[6..]) & (MoreFragmentsBit | OffsetMask)) == 0
            ? (data[0] & 0x0F) * 4
            : -1;
}
