using System.Buffers.Binary;

namespace CallMirror.Protocols.Packets;

/// <summary>Reads the UDP (RFC 768) or TCP (RFC 9293 §3.1) header of a whole IP packet. Checksums are never looked at: offload makes them wrong.</summary>
internal static class TransportLayer
{
    public const int UdpHeaderLength = 8;
    private const int TcpMinHeaderLength = 20;
    private const TcpFlags KnownFlags = TcpFlags.Fin | TcpFlags.Syn | TcpFlags.Reset | TcpFlags.Ack;

    public static PacketError ReadUdp(scoped in IpPacket packet, ReadOnlySpan<byte> data, out Datagram datagram)
    {
        // |          Source Port          |       Destination Port        |
        // |            Length             |           Checksum            |
        datagram = default;
        if (data.Length < UdpHeaderLength)
            return PacketError.BadUdpLength;
        int length = BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        // 0 is a jumbogram (RFC 2675 §4) or segmentation offload.
        if (length == 0)
            length = data.Length;
        if (length < UdpHeaderLength || length > data.Length)
            return PacketError.BadUdpLength;

        datagram = new Datagram
        {
            Transport = Transport.Udp,
            Source = packet.Source.WithPort(BinaryPrimitives.ReadUInt16BigEndian(data)),
            Destination = packet.Destination.WithPort(BinaryPrimitives.ReadUInt16BigEndian(data[2..])),
            Payload = data[UdpHeaderLength..length],
        };
        return PacketError.None;
    }

    public static PacketError ReadTcp(scoped in IpPacket packet, ReadOnlySpan<byte> data, out Datagram datagram)
    {
        // |          Source Port          |       Destination Port        |
        // |                        Sequence Number                        |
        // |                    Acknowledgment Number                      |
        // | Offset|       |C|E|U|A|P|R|S|F|            Window             |
        // |           Checksum            |         Urgent Pointer        |
        datagram = default;
        if (data.Length < TcpMinHeaderLength)
            return PacketError.BadTcpHeader;
        int headerLength = (data[12] >> 4) * 4;
        if (headerLength < TcpMinHeaderLength || headerLength > data.Length)
            return PacketError.BadTcpHeader;

        datagram = new Datagram
        {
            Transport = Transport.Tcp,
            Source = packet.Source.WithPort(BinaryPrimitives.ReadUInt16BigEndian(data)),
            Destination = packet.Destination.WithPort(BinaryPrimitives.ReadUInt16BigEndian(data[2..])),
            TcpSequence = new(BinaryPrimitives.ReadUInt32BigEndian(data[4..])),
            TcpFlags = (TcpFlags)data[13] & KnownFlags,
            Payload = data[headerLength..],
        };
        return PacketError.None;
    }
}
