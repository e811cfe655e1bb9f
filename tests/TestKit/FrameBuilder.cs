using System.Buffers.Binary;
using CallMirror.Protocols.Packets;

namespace CallMirror.TestKit;

/// <summary>Builds the frames that a capture would see. Checksums are 0: nothing here may look at them.</summary>
public static class FrameBuilder
{
    private const int UdpHeaderLength = 8;
    private const int TcpHeaderLength = 20;

    public static byte[] Udp(
        TransportAddress source, TransportAddress destination, ReadOnlySpan<byte> payload, LinkType link = LinkType.Ethernet, int vlanTags = 0) =>
        Link(link, vlanTags, source.IsIPv4, Ip(source, destination, Transport.Udp, UdpDatagram(source, destination, payload)));

    public static byte[] Tcp(
        TransportAddress source, TransportAddress destination, uint sequence, TcpFlags flags, ReadOnlySpan<byte> payload)
    {
        byte[] segment = new byte[TcpHeaderLength + payload.Length];
        WritePorts(segment, source, destination);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), sequence);
        segment[12] = TcpHeaderLength / 4 << 4;
        segment[13] = (byte)flags;
        payload.CopyTo(segment.AsSpan(TcpHeaderLength));
        return Link(LinkType.Ethernet, 0, source.IsIPv4, Ip(source, destination, Transport.Tcp, segment));
    }

    /// <summary>A UDP datagram in fragments of at most <paramref name="size"/> bytes (a multiple of 8), in order.</summary>
    public static List<byte[]> UdpFragments(
        TransportAddress source, TransportAddress destination, ReadOnlySpan<byte> payload, uint identification, int size)
    {
        byte[] datagram = UdpDatagram(source, destination, payload);
        List<byte[]> frames = [];
        for (int offset = 0; offset < datagram.Length; offset += size)
        {
            ReadOnlySpan<byte> part = datagram.AsSpan(offset, Math.Min(size, datagram.Length - offset));
            bool more = offset + part.Length < datagram.Length;
            frames.Add(Fragment(source, destination, part, identification, offset, more));
        }

        return frames;
    }

    /// <summary>One fragment of a UDP datagram, DF set as well in IPv4, as Linux sends them.</summary>
    public static byte[] Fragment(
        TransportAddress source, TransportAddress destination, ReadOnlySpan<byte> part, uint identification, int offset, bool more)
    {
        if (source.IsIPv4)
        {
            byte[] v4 = Ip(source, destination, Transport.Udp, part);
            BinaryPrimitives.WriteUInt16BigEndian(v4.AsSpan(4), (ushort)identification);
            BinaryPrimitives.WriteUInt16BigEndian(v4.AsSpan(6), (ushort)(0x4000 | (more ? 0x2000 : 0) | offset / 8));
            return Link(LinkType.Ethernet, 0, true, v4);
        }

        byte[] v6 = new byte[8 + part.Length];
        v6[0] = (byte)Transport.Udp;
        BinaryPrimitives.WriteUInt16BigEndian(v6.AsSpan(2), (ushort)(offset | (more ? 1 : 0)));
        BinaryPrimitives.WriteUInt32BigEndian(v6.AsSpan(4), identification);
        part.CopyTo(v6.AsSpan(8));
        return Link(LinkType.Ethernet, 0, false, Ip(source, destination, (Transport)44, v6));
    }

    /// <summary>An IP packet around <paramref name="content"/>, without a link layer.</summary>
    public static byte[] Ip(TransportAddress source, TransportAddress destination, Transport protocol, ReadOnlySpan<byte> content)
    {
        byte[] from = source.ToIPAddress().GetAddressBytes();
        byte[] to = destination.ToIPAddress().GetAddressBytes();
        byte[] header = new byte[source.IsIPv4 ? 20 : 40];
        header[0] = (byte)(source.IsIPv4 ? 0x45 : 0x60);
        int length = source.IsIPv4 ? header.Length + content.Length : content.Length;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(source.IsIPv4 ? 2 : 4), (ushort)length);
        header[source.IsIPv4 ? 9 : 6] = (byte)protocol;
        from.CopyTo(header.AsSpan(header.Length - 2 * from.Length));
        to.CopyTo(header.AsSpan(header.Length - to.Length));
        return [.. header, .. content];
    }

    /// <summary>A link-layer header, with 802.1Q tags where the link has EtherTypes, before an IP packet.</summary>
    public static byte[] Link(LinkType link, int vlanTags, bool isIPv4, ReadOnlySpan<byte> ip)
    {
        List<byte> types = [];
        for (int i = 0; i < vlanTags; i++)
            types.AddRange(i % 2 == 0 ? [0x81, 0x00, 0x00, 0x64] : [0x88, 0xA8, 0x00, 0x65]);
        types.AddRange(isIPv4 ? [0x08, 0x00] : [0x86, 0xDD]);
        byte[] tags = [.. types];
        return link switch
        {
            LinkType.Ethernet => [.. new byte[12], .. tags, .. ip],
            LinkType.LinuxSll => [.. new byte[14], .. tags, .. ip],
            LinkType.LinuxSll2 => [.. tags[..2], .. new byte[18], .. tags[2..], .. ip],
            LinkType.Null => [(byte)(isIPv4 ? 2 : 10), 0, 0, 0, .. ip],
            LinkType.Loop => [0, 0, 0, (byte)(isIPv4 ? 2 : 24), .. ip],
            _ => ip.ToArray(),
        };
    }

    private static byte[] UdpDatagram(TransportAddress source, TransportAddress destination, ReadOnlySpan<byte> payload)
    {
        byte[] datagram = new byte[UdpHeaderLength + payload.Length];
        WritePorts(datagram, source, destination);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        payload.CopyTo(datagram.AsSpan(UdpHeaderLength));
        return datagram;
    }

    private static void WritePorts(Span<byte> header, TransportAddress source, TransportAddress destination)
    {
        BinaryPrimitives.WriteUInt16BigEndian(header, source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], destination.Port);
    }
}
