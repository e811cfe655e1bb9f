using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Packets;

/// <summary>Frames that a snapshot length has cut: of a UDP datagram what there is can be looked at.</summary>
public sealed class CutFrameTests
{
    private static readonly TransportAddress V4 = TransportAddress.From([10, 0, 0, 1], 4000);
    private static readonly TransportAddress V6 = TransportAddress.From([0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 4000);
    private static readonly byte[] Payload = [.. Enumerable.Range(1, 60).Select(i => (byte)i)];

    [Theory]
    [InlineData(LinkType.Ethernet)]
    [InlineData(LinkType.LinuxSll)]
    [InlineData(LinkType.Raw)]
    public void What_there_is_of_the_payload_is_given_wherever_the_frame_is_cut(LinkType link)
    {
        foreach (var address in (TransportAddress[])[V4, V6])
        {
            byte[] frame = FrameBuilder.Udp(address, address, Payload, link);
            int headers = frame.Length - Payload.Length;
            for (int length = 0; length <= frame.Length; length++)
            {
                bool isThere = FrameDissector.TryReadCutUdp(link, frame.AsSpan(0, length), out var payload);
                Assert.Equal(length >= headers, isThere);
                Assert.True(payload.SequenceEqual(Payload.AsSpan(0, Math.Max(0, length - headers))));
            }
        }
    }

    [Fact]
    public void Neither_tcp_nor_a_fragment_nor_what_is_no_ip_is_taken_for_a_datagram()
    {
        byte[][] frames =
        [
            FrameBuilder.Tcp(V4, V4, 1, TcpFlags.Ack, Payload), FrameBuilder.Tcp(V6, V6, 1, TcpFlags.Ack, Payload), [.. new byte[12], 8, 6, .. Payload], [.. new byte[12], 8, 0, .. Payload],
            .. FrameBuilder.UdpFragments(V4, V4, Payload, 1, 16), .. FrameBuilder.UdpFragments(V6, V6, Payload, 1, 16),
        ];
        Assert.All(frames, frame => Assert.False(FrameDissector.TryReadCutUdp(LinkType.Ethernet, frame, out _)));
    }
}
