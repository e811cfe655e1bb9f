using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Packets;

/// <summary>Damaged packets through everything that reads packets: nothing throws, and every bound holds.</summary>
public sealed class PacketFuzzTests
{
    private const int InputsPerSeed = 100_000;
    private static readonly LinkType[] Links = Enum.GetValues<LinkType>();
    private static readonly byte[][] Corpus = LoadCorpus();

    private readonly IpReassembler _fragments = new(new IpReassemblyLimits(MaxDatagrams: 100, MaxBytes: 500_000));
    private readonly SipTcpReassembler _tcp = new(new SipTcpLimits(MaxDirections: 100, MaxBytes: 500_000));
    private readonly InterarrivalJitter _jitter = new(8000);
    private readonly long[] _outcomes = new long[16];
    private int _reassembled;
    private int _messages;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void No_damaged_frame_throws_or_breaks_a_bound(int seed)
    {
        var mutator = new Mutator(seed, Corpus);
        var random = new Random(seed);
        try
        {
            for (int i = 0; i < InputsPerSeed; i++)
            {
                LinkType link = random.Next(4) == 0 ? Links[random.Next(Links.Length)] : LinkType.Ethernet;
                ReadFrame(link, mutator.Next(), i * 1_000_000L);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{mutator} failed", exception);
        }

        // A fuzzer whose inputs all die at the first check tests nothing: sound and broken ones, fragments and segments all came through.
        Assert.All(Enum.GetValues<PacketError>().Except([PacketError.UnsupportedLinkType]), error => Assert.NotEqual(0, _outcomes[(int)error]));
        Assert.NotEqual(0, _fragments.Evicted + _fragments.Expired);
        Assert.NotEqual(0, _reassembled);
        Assert.NotEqual(0, _messages);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void No_damaged_payload_throws(int seed)
    {
        byte[] rtp = [.. Enumerable.Range(0, 172).Select(i => (byte)i)];
        rtp[0] = 0xB1;
        var mutator = new Mutator(seed, [rtp, [0x80, 101, .. new byte[10], 5, 0x8A, 1, 0], [.. "SIP/2.0 200 OK\r\n\r\n"u8], .. Corpus.Take(3)]);
        for (int i = 0; i < InputsPerSeed; i++)
            ReadPayload(mutator.Next(), i * 1000L);
    }

    private void ReadFrame(LinkType link, ReadOnlySpan<byte> frame, long now)
    {
        bool found = FrameDissector.TryDissect(link, frame, out Datagram datagram, out PacketError error);
        _outcomes[(int)error]++;
        if (error == PacketError.Fragment && FrameDissector.TryReadIp(link, frame, out IpPacket part, out _)
            && _fragments.Add(in part, now, out IpPacket whole) == FragmentResult.Complete)
        {
            _reassembled++;
            found = FrameDissector.TryReadTransport(in whole, out datagram, out _);
        }

        Assert.InRange(_fragments.Count, 0, 100);
        Assert.InRange(_fragments.HeldBytes, 0, 500_000 + ushort.MaxValue * 2);
        if (found && datagram.Transport == Transport.Tcp)
            ReadTcp(in datagram, now);
        else if (found)
            ReadPayload(datagram.Payload, now);
    }

    private void ReadTcp(in Datagram segment, long now)
    {
        _ = _tcp.Add(in segment, now);
        while (_tcp.TryRead(out Datagram message))
        {
            _messages++;
            Assert.True(SipRecognizer.LooksLikeSip(message.Payload));
        }

        Assert.InRange(_tcp.Directions, 0, 100);
        Assert.InRange(_tcp.HeldBytes, 0, 500_000);
    }

    private void ReadPayload(ReadOnlySpan<byte> payload, long now)
    {
        bool sip = SipRecognizer.LooksLikeSip(payload);
        PacketKind kind = RtpClassifier.Classify(payload);
        bool parsed = RtpPacket.TryParse(payload, out RtpPacket packet, out _);
        Assert.False(sip && kind != PacketKind.Other);
        Assert.True(!parsed || kind == PacketKind.Rtp);
        if (!parsed)
            return;
        InterarrivalJitter jitter = _jitter;
        jitter.Update(packet.Timestamp, now);
        _ = TelephoneEvent.TryParse(packet.Payload, out TelephoneEvent value, out _) ? value.Digit : null;
    }

    /// <summary>All SIP, TCP and fragments of the captures, a few RTP packets, and the made-up frames that the captures lack.</summary>
    private static byte[][] LoadCorpus()
    {
        var a = TransportAddress.From([192, 0, 2, 1], 5060);
        _ = TransportAddress.TryParse("[2001:db8::1]:5060", out TransportAddress v6);
        List<byte[]> corpus = [.. FrameBuilder.UdpFragments(v6, v6.WithPort(5080), new byte[100], 1, 40)];
        corpus.Add(FrameBuilder.Tcp(a, a, 1, TcpFlags.Ack, "INVITE sip:a@b SIP/2.0\r\nContent-Length: 5\r\n\r\nhello"u8));
        foreach (string capture in (string[])["big-invite-fragments", "sip-over-tcp", "tcp-big-invite", "bridge-pcma-vlan", "ipv6"])
            corpus.AddRange(PcapReader.Read(TestData.Path($"captures/{capture}/mirror.pcap")).Take(40).Select(packet => packet.Frame));
        return [.. corpus];
    }
}
