using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Pcap;

/// <summary>pcapng as dumpcap -i any -i eth0, mergecap and macOS write it: what libpcap refuses, and what it reads.</summary>
public sealed class PcapngTests : IDisposable
{
    private const ulong Micros = 1_700_000_000_123_456;
    private const long Ns = 1_700_000_000_123_456_000;

    private static readonly byte[] Sip = FrameBuilder.Udp(Line.Caller, Line.Pbx.WithPort(5060), Line.SipBytes());

    private readonly PcapFile _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Interfaces_of_several_link_types_snapshot_lengths_and_resolutions_are_read(bool bigEndian)
    {
        byte[] cooked = Frame(LinkType.LinuxSll), raw = Frame(LinkType.Raw), ethernet = Frame(LinkType.Ethernet);
        var packets = Read(new PcapngFile().Section(bigEndian)
            .Interface(LinkType.LinuxSll)
            .Interface(LinkType.Raw, snapLength: 96, resolution: 9)
            .Packet(Micros, cooked)
            .Interface(LinkType.Ethernet, snapLength: 0, resolution: 0x80 | 20)
            .Packet((ulong)Ns + 1, raw, at: 1)
            .Packet((1_700_000_000ul << 20) + (1 << 19), ethernet, at: 2));
        Assert.Equal([(LinkType.LinuxSll, Ns), (LinkType.Raw, Ns + 1), (LinkType.Ethernet, 1_700_000_000_500_000_000)], packets.Select(packet => (packet.Link, packet.TimeNs)));
        Assert.Equal([cooked, raw, ethernet], packets.Select(packet => packet.Frame));
    }

    [Fact]
    public void Each_section_has_interfaces_and_a_byte_order_of_its_own()
    {
        var packets = Read(new PcapngFile()
            .Section().Interface(LinkType.Ethernet).Packet(Micros, Sip)
            .Section(bigEndian: true).Interface(LinkType.LinuxSll2).Packet(Micros + 1, Frame(LinkType.LinuxSll2))
            .Section().Interface(LinkType.Ethernet, resolution: 3).Packet(Micros / 1000, Sip));
        Assert.Equal([LinkType.Ethernet, LinkType.LinuxSll2, LinkType.Ethernet], packets.Select(packet => packet.Link));
        Assert.Equal([Ns, Ns + 1000, Ns - 456_000], packets.Select(packet => packet.TimeNs));
    }

    [Fact]
    public void A_time_may_be_counted_from_an_offset() =>
        Assert.Equal(Ns, Assert.Single(Read(new PcapngFile().Section().Interface(offset: 1_700_000_000).Packet(123_456, Sip))).TimeNs);

    [Fact]
    public void Old_and_simple_packets_are_read_and_one_without_a_time_has_that_of_the_one_before()
    {
        var packets = Read(new PcapngFile().Section().Interface().OldPacket(Micros, Sip).SimplePacket(Sip));
        Assert.Equal([Ns, Ns], packets.Select(packet => packet.TimeNs));
        Assert.All(packets, packet => Assert.Equal(Sip, packet.Frame));
    }

    [Fact]
    public void Blocks_that_nobody_asked_for_are_passed_over_however_long()
    {
        var file = new PcapngFile().Section().Block(0xBAD, new byte[17 * 1024 * 1024]).Interface().Block(4, new byte[8]).Packet(Micros, Sip).Block(5, new byte[12]);
        Assert.Equal(Sip, Assert.Single(Read(file)).Frame);
    }

    [Fact]
    public void A_filter_reads_each_link_type_as_it_is()
    {
        byte[] media = FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.RtpBytes(1, 160, 1, 8, Line.Voice(1, 160)));
        var file = new PcapngFile().Section().Interface(LinkType.LinuxSll).Interface(LinkType.Raw).Interface()
            .Packet(1, Frame(LinkType.LinuxSll)).Packet(2, Frame(LinkType.Raw), at: 1).Packet(3, media, at: 2).Packet(4, Sip, at: 2);
        Assert.Equal([1000L, 2000, 4000], Read(file, "udp port 5060").Select(packet => packet.TimeNs));
    }

    [Fact]
    public void A_filter_that_is_none_is_quoted_when_the_file_is_opened()
    {
        string path = _files.Write(new PcapngFile().Section().Interface().Packet(1, Sip).Bytes);
        Assert.StartsWith("the filter \"udp prot 5060\" is not valid: ", Assert.Throws<CaptureException>(() => PcapFileSource.Open(path, "udp prot 5060")).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> Damages => new()
    {
        { "it ends within the header of a block", One().Block(6, []).Bytes[..^8] },
        { "it ends within a block of 400 bytes", One().Block(6, new byte[388]).Bytes[..^1] },
        { "it ends within a block", One().Block(99, new byte[20]).Bytes[..^1] },
        { "a block says that it is 13 bytes long", [.. One().Bytes, 6, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0] },
        { "a block says that it is 4294967292 bytes long", [.. One().Bytes, 6, 0, 0, 0, 0xFC, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0] },
        { "the two lengths of a block differ", [.. One().Block(6, new byte[20]).Bytes[..^4], 33, 0, 0, 0] },
        { "the block of a packet is too short", One().Block(6, new byte[16]).Bytes },
        { "a packet says that it is 9999 bytes long, in a block of", One().Packet(1, Sip, length: 9999).Bytes },
        { "a packet is of interface 7, which is not described", One().Packet(1, Sip, at: 7).Bytes },
        { "a section has no byte order", [.. One().Bytes, .. One().Bytes.AsSpan(0, 8), 1, 2, 3, 4] },
        { "the options of an interface can't be read", One().Interface(resolution: 20).Bytes },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Of_a_damaged_file_all_is_read_up_to_the_damage_and_one_sentence_says_what_it_is(string why, byte[] content)
    {
        string path = _files.Write(content);
        using var source = PcapFileSource.Open(path);
        Assert.Equal(SourceStatus.Packet, source.TryRead(out _));
        var error = Assert.Throws<CaptureException>(() => source.TryRead(out _));
        Assert.StartsWith($"{path} is damaged after 1 packets: {why}", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsDamage);
    }

    [Fact]
    public void A_file_that_anything_may_have_happened_to_is_read_or_refused_in_words()
    {
        byte[][] sound =
        [
            new PcapngFile().Section(true).Interface(resolution: 9).Packet(Micros, Sip).SimplePacket(Sip).Bytes,
            new PcapngFile().Section().Interface(LinkType.Raw).Interface(offset: 5).OldPacket(Micros, Sip).Block(5, new byte[8]).Packet(Micros, Sip, at: 1).Bytes,
            PcapFile.Of(true, true, Sip, Sip),
            PcapFile.Of(false, false, Sip, Sip),
        ];
        var mutator = new Mutator(seed: 3, sound);
        string path = _files.Write([]);
        for (int i = 0; i < 2000; i++)
        {
            File.WriteAllBytes(path, mutator.Next());
            try
            {
                using var source = PcapFileSource.Open(path);
                while (source.TryRead(out _) == SourceStatus.Packet)
                    Assert.True(source.Figures.Packets < 10_000, mutator.ToString());
            }
            catch (CaptureException e)
            {
                Assert.True(e.IsDamage, $"{mutator}: {e.Message}");
            }
        }
    }

    [Fact]
    public void A_packet_costs_no_memory()
    {
        var file = new PcapngFile().Section().Interface(resolution: 9);
        for (uint i = 0; i < 2000; i++)
            file.Packet(i, Sip);
        using var source = PcapFileSource.Open(_files.Write(file.Bytes), "udp");
        Assert.Equal((1000, 0L), PcapFileSourceTests.Cost(source, 1000));
    }

    private static PcapngFile One() => new PcapngFile().Section().Interface().Packet(Micros, Sip);

    private static byte[] Frame(LinkType link) => FrameBuilder.Udp(Line.Caller, Line.Pbx.WithPort(5060), Line.SipBytes(), link);

    private List<(LinkType Link, long TimeNs, byte[] Frame)> Read(PcapngFile file, string? filter = null)
    {
        using var source = PcapFileSource.Open(_files.Write(file.Bytes), filter);
        return PcapFileSourceTests.Read(source);
    }
}
