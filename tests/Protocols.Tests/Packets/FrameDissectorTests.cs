using System.Buffers.Binary;
using System.Net;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Packets;

public sealed class FrameDissectorTests
{
    private static readonly TransportAddress A4 = TransportAddress.From([192, 0, 2, 1], 5060);
    private static readonly TransportAddress B4 = TransportAddress.From([192, 0, 2, 2], 5080);
    private static readonly TransportAddress A6 = TransportAddress.From(IPAddress.Parse("2001:db8::1"), 5060);
    private static readonly TransportAddress B6 = TransportAddress.From(IPAddress.Parse("2001:db8::2"), 5080);

    public static TheoryData<LinkType, int> Links => new()
    {
        { LinkType.Ethernet, 0 }, { LinkType.Ethernet, 1 }, { LinkType.Ethernet, 5 },
        { LinkType.LinuxSll, 0 }, { LinkType.LinuxSll, 1 }, { LinkType.LinuxSll2, 0 }, { LinkType.LinuxSll2, 2 },
        { LinkType.Null, 0 }, { LinkType.Loop, 0 },
        { LinkType.Raw, 0 }, { LinkType.RawIp, 0 }, { LinkType.RawIpOpenBsd, 0 }, { LinkType.Ipv4, 0 }, { LinkType.Ipv6, 0 },
    };

    [Theory]
    [MemberData(nameof(Links))]
    public void Udp_is_found_behind_every_link_layer(LinkType link, int vlanTags)
    {
        foreach ((TransportAddress from, TransportAddress to) in new[] { (A4, B4), (A6, B6) })
        {
            byte[] frame = FrameBuilder.Udp(from, to, "hello"u8, link, vlanTags);
            Assert.True(FrameDissector.TryDissect(link, frame, out Datagram datagram, out PacketError error));
            Assert.Equal(PacketError.None, error);
            Assert.Equal(Transport.Udp, datagram.Transport);
            Assert.Equal(from, datagram.Source);
            Assert.Equal(to, datagram.Destination);
            Assert.Equal("hello"u8, datagram.Payload);
        }
    }

    [Theory]
    [MemberData(nameof(Links))]
    public void Every_cut_of_a_frame_is_called_truncated(LinkType link, int vlanTags)
    {
        byte[] frame = FrameBuilder.Udp(A6, B6, "hello"u8, link, vlanTags);
        for (int length = 0; length < frame.Length; length++)
            Assert.Equal(PacketError.Truncated, ErrorOf(link, frame.AsSpan(0, length)));
    }

    [Fact]
    public void Tcp_gives_what_a_reassembler_needs()
    {
        byte[] frame = FrameBuilder.Tcp(A4, B4, 0xFFFFFFF0, TcpFlags.Ack | TcpFlags.Fin, "bytes"u8);
        Assert.True(FrameDissector.TryDissect(LinkType.Ethernet, frame, out Datagram segment, out _));
        Assert.Equal(Transport.Tcp, segment.Transport);
        Assert.Equal(0xFFFFFFF0, segment.TcpSequence.Value);
        Assert.Equal(TcpFlags.Ack | TcpFlags.Fin, segment.TcpFlags);
        Assert.Equal("bytes"u8, segment.Payload);
    }

    [Fact]
    public void Ethernet_padding_is_cut_off()
    {
        byte[] frame = [.. FrameBuilder.Udp(A4, B4, "x"u8), .. new byte[20]];
        Assert.Equal("x"u8, PayloadOf(frame));
    }

    [Fact]
    public void A_total_length_of_zero_means_all_that_was_captured()
    {
        byte[] frame = FrameBuilder.Udp(A4, B4, "offload"u8);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), 0);
        Assert.Equal("offload"u8, PayloadOf(frame));
    }

    [Fact]
    public void Ipv4_options_are_stepped_over()
    {
        byte[] ip = FrameBuilder.Ip(A4, B4, Transport.Udp, default);
        byte[] udp = FrameBuilder.Udp(A4, B4, "opt"u8, LinkType.Raw)[20..];
        byte[] packet = [.. ip, 7, 3, 4, 1, .. udp];
        packet[0] = 0x46;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        Assert.Equal("opt"u8, PayloadOf(packet, LinkType.Raw));
    }

    [Fact]
    public void Ipv6_extension_headers_are_stepped_over()
    {
        byte[] udp = FrameBuilder.Udp(A6, B6, "ext"u8, LinkType.Raw)[40..];
        byte[] hopByHop = [43, 1, .. new byte[14]];
        byte[] routing = [51, 0, .. new byte[6]];
        byte[] authentication = [44, 2, .. new byte[14]];
        byte[] atomicFragment = [60, 0, 0, 0, 1, 2, 3, 4];
        byte[] destinationOptions = [17, 0, .. new byte[6]];
        byte[] content = [.. hopByHop, .. routing, .. authentication, .. atomicFragment, .. destinationOptions, .. udp];
        byte[] packet = FrameBuilder.Ip(A6, B6, 0, content);
        Assert.Equal("ext"u8, PayloadOf(packet, LinkType.Raw));
    }

    [Fact]
    public void An_extension_header_longer_than_its_packet_is_refused()
    {
        byte[] packet = FrameBuilder.Ip(A6, B6, 0, [17, 200, .. new byte[30]]);
        Assert.Equal(PacketError.BadIpHeader, ErrorOf(LinkType.Raw, packet));
    }

    [Theory]
    [InlineData(0, PacketError.None)]
    [InlineData(7, PacketError.BadUdpLength)]
    [InlineData(8, PacketError.None)]
    [InlineData(13, PacketError.None)]
    [InlineData(14, PacketError.BadUdpLength)]
    [InlineData(65535, PacketError.BadUdpLength)]
    public void Udp_length_must_fit_what_is_there(int length, PacketError expected)
    {
        byte[] packet = FrameBuilder.Udp(A4, B4, "12345"u8, LinkType.Raw);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), (ushort)length);
        Assert.Equal(expected, ErrorOf(LinkType.Raw, packet));
        if (expected == PacketError.None)
            Assert.Equal(length == 8 ? 0 : 5, PayloadOf(packet, LinkType.Raw).Length);
    }

    [Fact]
    public void Every_failure_has_its_own_name()
    {
        byte[] udp = FrameBuilder.Udp(A4, B4, "12345"u8, LinkType.Raw);
        Assert.Equal(PacketError.UnsupportedLinkType, ErrorOf((LinkType)105, udp));
        Assert.Equal(PacketError.NotIp, ErrorOf(LinkType.Ethernet, [.. new byte[12], 0x08, 0x06, .. udp]));
        Assert.Equal(PacketError.NotIp, ErrorOf(LinkType.Null, [99, 0, 0, 0, .. udp]));
        Assert.Equal(PacketError.UnsupportedIpVersion, ErrorOf(LinkType.Raw, [0x55, .. udp[1..]]));
        Assert.Equal(PacketError.BadIpHeader, ErrorOf(LinkType.Raw, [0x44, .. udp[1..]]));
        Assert.Equal(PacketError.NotUdpOrTcp, ErrorOf(LinkType.Raw, FrameBuilder.Ip(A4, B4, (Transport)1, "ping"u8)));
        Assert.Equal(PacketError.BadTcpHeader, ErrorOf(LinkType.Raw, FrameBuilder.Ip(A4, B4, Transport.Tcp, new byte[20])));
        Assert.Equal(PacketError.Fragment, ErrorOf(LinkType.Ethernet, FrameBuilder.Fragment(A4, B4, new byte[8], 1, 0, true)));
        Assert.Equal(PacketError.Fragment, ErrorOf(LinkType.Ethernet, FrameBuilder.Fragment(A6, B6, new byte[8], 1, 8, false)));
    }

    [Fact]
    public void Any_bytes_get_the_same_answer_twice_and_stay_untouched() => Properties.Hold<(byte[] Bytes, byte Link)>(value =>
    {
        LinkType link = (LinkType)Links.ElementAt(value.Link % Links.Count).Data.Item1;
        byte[] copy = [.. value.Bytes];
        bool first = FrameDissector.TryDissect(link, value.Bytes, out Datagram one, out PacketError error);
        bool second = FrameDissector.TryDissect(link, value.Bytes, out Datagram two, out PacketError again);
        Assert.Equal((first, error), (second, again));
        Assert.Equal(one.Payload, two.Payload);
        Assert.Equal(first, error == PacketError.None);
        Assert.Equal(copy, value.Bytes);
    });

    [Fact]
    public void Any_payload_survives_being_framed_and_dissected() => Properties.Hold<(byte[] Payload, ushort From, ushort To, byte Tags)>(value =>
    {
        byte[] frame = FrameBuilder.Udp(A4.WithPort(value.From), B4.WithPort(value.To), value.Payload, vlanTags: value.Tags % 4);
        Assert.True(FrameDissector.TryDissect(LinkType.Ethernet, frame, out Datagram datagram, out _));
        Assert.Equal((value.From, value.To), (datagram.Source.Port, datagram.Destination.Port));
        Assert.Equal(value.Payload, datagram.Payload);
    });

    private static PacketError ErrorOf(LinkType link, ReadOnlySpan<byte> frame)
    {
        _ = FrameDissector.TryDissect(link, frame, out _, out PacketError error);
        return error;
    }

    private static ReadOnlySpan<byte> PayloadOf(byte[] frame, LinkType link = LinkType.Ethernet)
    {
        Assert.True(FrameDissector.TryDissect(link, frame, out Datagram datagram, out PacketError error), error.ToString());
        return datagram.Payload;
    }
}
