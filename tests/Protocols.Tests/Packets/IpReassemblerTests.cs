using System.Net;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Packets;

public sealed class IpReassemblerTests
{
    private const long Second = 1_000_000_000;
    private const int NextHeaderOfFragment = 14 + 40;
    private static readonly TransportAddress A4 = TransportAddress.From([192, 0, 2, 1], 5060);
    private static readonly TransportAddress B4 = TransportAddress.From([192, 0, 2, 2], 5080);
    private static readonly TransportAddress A6 = TransportAddress.From(IPAddress.Parse("2001:db8::1"), 5060);
    private static readonly TransportAddress B6 = TransportAddress.From(IPAddress.Parse("2001:db8::2"), 5080);
    private static readonly byte[] Payload = [.. Enumerable.Range(0, 3000).Select(i => (byte)(i * 7))];

    private readonly IpReassembler _reassembler = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fragments_in_any_order_give_the_datagram(bool v6)
    {
        for (uint seed = 0; seed < 50; seed++)
        {
            List<byte[]> frames = Fragments(v6, id: seed);
            byte[][] shuffled = [.. frames];
            new Random((int)seed).Shuffle(shuffled);
            foreach (byte[] frame in shuffled[..^1])
                Assert.Equal(FragmentResult.Waiting, Add(frame, out _));
            Assert.Equal(FragmentResult.Complete, Add(shuffled[^1], out byte[] payload));
            Assert.Equal(Payload, payload);
        }

        Assert.Equal(0, _reassembler.Count);
    }

    [Fact]
    public void Any_payload_survives_being_fragmented() => Properties.Hold<(byte[] Payload, byte Size, bool V6)>(v =>
    {
        var reassembler = new IpReassembler();
        byte[] payload = [.. v.Payload, .. Payload.AsSpan(0, 200)];
        List<byte[]> frames = FrameBuilder.UdpFragments(v.V6 ? A6 : A4, v.V6 ? B6 : B4, payload, 1, v.Size % 24 * 8 + 8);
        foreach (byte[] frame in frames[..^1])
            Assert.Equal(FragmentResult.Waiting, Add(reassembler, frame, 0, out _));
        Assert.Equal(FragmentResult.Complete, Add(reassembler, frames[^1], 0, out byte[] whole));
        Assert.Equal(payload, whole);
    });

    [Fact]
    public void A_mirrors_second_copies_are_duplicates_before_and_after_the_end()
    {
        List<byte[]> frames = Fragments(false, 1);
        Assert.Equal(FragmentResult.Waiting, Add(frames[0], out _));
        Assert.Equal(FragmentResult.Duplicate, Add(frames[0], out _));
        Assert.Equal(FragmentResult.Waiting, Add(frames[1], out _));
        Assert.Equal(FragmentResult.Complete, Add(frames[2], out _));
        foreach (byte[] frame in frames)
            Assert.Equal(FragmentResult.Duplicate, Add(frame, out _));
    }

    [Fact]
    public void An_identification_may_be_used_again_a_second_later()
    {
        foreach (byte[] frame in Fragments(false, 1))
            _ = Add(frame, out _);
        List<byte[]> again = Fragments(false, 1);
        Assert.Equal(FragmentResult.Waiting, Add(again[0], out _, 2 * Second));
        Assert.Equal(FragmentResult.Waiting, Add(again[1], out _, 2 * Second));
        Assert.Equal(FragmentResult.Complete, Add(again[2], out _, 2 * Second));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Datagrams_of_one_identification_that_follow_at_once_are_all_put_together(bool v6)
    {
        for (byte call = 0; call < 20; call++)
        {
            byte[] payload = [.. Payload.Select(value => (byte)(value ^ call))];
            var frames = FrameBuilder.UdpFragments(v6 ? A6 : A4, v6 ? B6 : B4, payload, 0, 1400);
            foreach (byte[] frame in frames[..^1])
                Assert.Equal(FragmentResult.Waiting, Add(frame, out _, call * 1_000_000));
            Assert.Equal(FragmentResult.Complete, Add(frames[^1], out byte[] whole, call * 1_000_000));
            Assert.Equal(payload, whole);
            // The mirror's second copy.
            Assert.All(frames, frame => Assert.Equal(FragmentResult.Duplicate, Add(frame, out _, call * 1_000_000)));
        }
    }

    [Fact]
    public void Datagrams_of_one_identification_whose_fragments_are_mixed_are_told_apart_by_their_length()
    {
        byte[] longer = [.. Payload, .. Payload[..500]];
        var (one, two) = (FrameBuilder.UdpFragments(A4, B4, Payload, 0, 1400), FrameBuilder.UdpFragments(A4, B4, longer, 0, 1400));
        foreach (byte[] frame in new[] { one[0], two[0], one[1], two[1] })
            Assert.Equal(FragmentResult.Waiting, Add(frame, out _));
        Assert.Equal(FragmentResult.Complete, Add(two[2], out byte[] second));
        Assert.Equal(FragmentResult.Complete, Add(one[2], out byte[] first));
        Assert.Equal(Payload.Length, first.Length);
        Assert.Equal(longer.Length, second.Length);
    }

    [Fact]
    public void A_datagram_whose_tail_was_lost_does_not_take_that_of_the_next_of_its_identification()
    {
        var lost = Fragments(false, 0);
        byte[] payload = [.. Payload.Select(value => (byte)~value)];
        var next = FrameBuilder.UdpFragments(A4, B4, payload, 0, 1400);
        Assert.Equal(FragmentResult.Waiting, Add(lost[0], out _));

        foreach (byte[] frame in next[..^1])
            Assert.Equal(FragmentResult.Waiting, Add(frame, out _, Second / 2));
        Assert.Equal(FragmentResult.Complete, Add(next[^1], out byte[] whole, Second / 2));

        Assert.Equal(payload, whole);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Datagrams_that_differ_in_identification_or_addresses_stay_apart(bool v6)
    {
        List<byte[]> one = Fragments(v6, 1), two = Fragments(v6, 2);
        List<byte[]> back = FrameBuilder.UdpFragments(v6 ? B6 : B4, v6 ? A6 : A4, Payload, 1, 1400);
        Assert.Equal(FragmentResult.Waiting, Add(one[0], out _));
        Assert.Equal(FragmentResult.Waiting, Add(two[1], out _));
        Assert.Equal(FragmentResult.Waiting, Add(back[2], out _));
        Assert.Equal(3, _reassembler.Count);
    }

    [Fact]
    public void An_overlap_that_contradicts_ends_the_datagram()
    {
        _ = Add(Part(0, 16, more: true), out _);
        Assert.Equal(FragmentResult.Overlap, Add(Part(8, 16, more: true, fill: 0xEE), out _));
        Assert.Equal(0, _reassembler.Count);
        Assert.Equal(0, _reassembler.HeldBytes);
    }

    [Theory]
    [InlineData(24, 8, true)] // behind the end
    [InlineData(16, 16, false)] // another end, later
    [InlineData(8, 8, false)] // another end, earlier
    public void A_fragment_that_contradicts_the_end_ends_the_datagram(int offset, int length, bool more)
    {
        _ = Add(Part(16, 8, more: false), out _);
        Assert.Equal(FragmentResult.Overlap, Add(Part(offset, length, more), out _));
        Assert.Equal(0, _reassembler.Count);
    }

    [Fact]
    public void An_end_before_what_came_already_ends_the_datagram()
    {
        _ = Add(Part(16, 8, more: true), out _);
        Assert.Equal(FragmentResult.Overlap, Add(Part(8, 8, more: false), out _));
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0, 9, true)]
    [InlineData(65528, 8, false)]
    public void A_fragment_that_cannot_be_is_ignored(int offset, int length, bool more)
    {
        Assert.Equal(FragmentResult.BadFragment, Add(Part(offset, length, more), out _));
        Assert.Equal(0, _reassembler.Count);
    }

    [Fact]
    public void What_stays_unfinished_for_30_seconds_is_given_up_and_counted()
    {
        _ = Add(Part(0, 16, more: true), out _);
        _reassembler.Expire(30 * Second);
        Assert.Equal(1, _reassembler.Count);
        _reassembler.Expire(30 * Second + 1);
        Assert.Equal((0, 1, 0), (_reassembler.Count, _reassembler.Expired, _reassembler.HeldBytes));
    }

    [Fact]
    public void The_table_is_bounded_in_datagrams_and_gives_up_the_oldest()
    {
        var reassembler = new IpReassembler(new IpReassemblyLimits(MaxDatagrams: 10));
        for (uint id = 0; id < 25; id++)
            _ = Add(reassembler, FrameBuilder.Fragment(A4, B4, new byte[8], id, 0, true), 0, out _);
        Assert.Equal((10, 15), (reassembler.Count, reassembler.Evicted));
        Assert.Equal(FragmentResult.Complete, Add(reassembler, FrameBuilder.Fragment(A4, B4, new byte[8], 24, 8, false), 0, out _));
    }

    [Fact]
    public void The_table_is_bounded_in_bytes()
    {
        var reassembler = new IpReassembler(new IpReassemblyLimits(MaxBytes: 1_000_000));
        for (uint id = 0; id < 200; id++)
        {
            _ = Add(reassembler, FrameBuilder.Fragment(A4, B4, new byte[8], id, 65_520, true), 0, out _);
            Assert.InRange(reassembler.HeldBytes, 1, 1_000_000);
        }

        Assert.InRange(reassembler.Evicted, 180, 199);
    }

    [Fact]
    public void Only_the_first_ipv6_fragment_says_what_is_inside()
    {
        List<byte[]> frames = Fragments(true, 1);
        frames[1][NextHeaderOfFragment] = frames[2][NextHeaderOfFragment] = 99;
        Assert.Equal(FragmentResult.Waiting, Add(frames[2], out _));
        Assert.Equal(FragmentResult.Waiting, Add(frames[0], out _));
        Assert.Equal(FragmentResult.Complete, Add(frames[1], out byte[] payload));
        Assert.Equal(Payload, payload);
    }

    [Fact]
    public void Extension_headers_behind_the_fragment_header_are_stepped_over_but_no_second_fragment_header()
    {
        byte[] udp = FrameBuilder.Udp(A6, B6, "inner"u8, LinkType.Raw)[40..];
        foreach ((byte header, PacketError expected) in new[] { ((byte)60, PacketError.None), ((byte)44, PacketError.BadIpHeader) })
        {
            byte[] content = [17, 0, 0, 8, 0, 0, 0, 0, .. udp];
            byte[] first = FrameBuilder.Fragment(A6, B6, content.AsSpan(0, 16), header, 0, true);
            first[NextHeaderOfFragment] = header;
            byte[] last = FrameBuilder.Fragment(A6, B6, content.AsSpan(16), header, 16, false);
            Assert.Equal(FragmentResult.Waiting, Add(first, out _));
            Assert.True(FrameDissector.TryReadIp(LinkType.Ethernet, last, out IpPacket part, out _));
            Assert.Equal(FragmentResult.Complete, _reassembler.Add(in part, 0, out IpPacket whole));
            _ = FrameDissector.TryReadTransport(in whole, out Datagram datagram, out PacketError error);
            Assert.Equal(expected, error);
            Assert.Equal(expected == PacketError.None ? 5 : 0, datagram.Payload.Length);
        }
    }

    [Fact]
    public void A_whole_packet_is_not_taken()
    {
        Assert.True(FrameDissector.TryReadIp(LinkType.Ethernet, FrameBuilder.Udp(A4, B4, "x"u8), out IpPacket packet, out _));
        Assert.Equal(FragmentResult.NotFragment, _reassembler.Add(in packet, 0, out _));
    }

    private static List<byte[]> Fragments(bool v6, uint id) =>
        FrameBuilder.UdpFragments(v6 ? A6 : A4, v6 ? B6 : B4, Payload, id, 1400);

    private static byte[] Part(int offset, int length, bool more, byte fill = 0) =>
        FrameBuilder.Fragment(A4, B4, Enumerable.Repeat(fill, length).ToArray(), 7, offset, more);

    private FragmentResult Add(byte[] frame, out byte[] payload, long nowNs = 0) => Add(_reassembler, frame, nowNs, out payload);

    private static FragmentResult Add(IpReassembler reassembler, byte[] frame, long nowNs, out byte[] payload)
    {
        payload = [];
        Assert.True(FrameDissector.TryReadIp(LinkType.Ethernet, frame, out IpPacket packet, out _));
        FragmentResult result = reassembler.Add(in packet, nowNs, out IpPacket whole);
        if (result == FragmentResult.Complete && FrameDissector.TryReadTransport(in whole, out Datagram datagram, out _))
            payload = datagram.Payload.ToArray();
        return result;
    }
}
