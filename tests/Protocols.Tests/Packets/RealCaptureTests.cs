using System.Text;
using System.Text.Json;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Packets;

/// <summary>Captures of a real FreeSWITCH, against what an independent reader found in them.</summary>
public sealed class RealCaptureTests
{
    public static TheoryData<string> Captures => new(Directory.GetFiles(TestData.Path("captures"), "mirror.pcap", SearchOption.AllDirectories)
        .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)));

    [Theory]
    [MemberData(nameof(Captures))]
    public void Every_rtp_stream_has_the_packets_that_were_counted_independently(string capture)
    {
        Dictionary<(string, string, string), int> found = [];
        foreach ((_, LinkType link, byte[] frame) in Read(capture))
        {
            if (!FrameDissector.TryDissect(link, frame, out Datagram datagram, out _) || datagram.Transport != Transport.Udp
                || RtpClassifier.Classify(datagram.Payload) != PacketKind.Rtp)
                continue;
            Assert.True(RtpPacket.TryParse(datagram.Payload, out RtpPacket rtp, out RtpError error), error.ToString());
            (string, string, string) stream = (datagram.Source.ToString(), datagram.Destination.ToString(), rtp.Ssrc.ToString());
            found[stream] = found.GetValueOrDefault(stream) + 1;
        }

        Assert.Equal(Expected(capture).OrderBy(s => s), found.Select(s => (s.Key, s.Value)).OrderBy(s => s));
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void Nothing_in_them_is_an_error_but_fragments(string capture)
    {
        foreach ((_, LinkType link, byte[] frame) in Read(capture))
        {
            _ = FrameDissector.TryDissect(link, frame, out _, out PacketError error);
            Assert.True(error is PacketError.None or PacketError.Fragment, error.ToString());
        }
    }

    [Fact]
    public void The_big_invite_comes_whole_out_of_its_three_fragments()
    {
        List<string> messages = ReadSip("big-invite-fragments");
        Assert.Equal(3243, messages[0].Length);
        AssertCall(messages, "1-28083@192.168.137.12", ["INVITE", "100", "200", "ACK", "BYE", "200"]);
    }

    [Fact]
    public void The_big_invite_comes_whole_out_of_its_tcp_segments()
    {
        List<string> messages = ReadSip("tcp-big-invite");
        Assert.Equal(3243, messages[0].Length);
        AssertCall(messages, "1-28045@192.168.137.12", ["INVITE", "100", "200", "ACK", "BYE", "200"]);
    }

    [Fact]
    public void Every_message_of_a_call_over_tcp_is_found() => AssertCall(
        ReadSip("sip-over-tcp"), "374c504472848b58", ["INVITE", "407", "ACK", "INVITE", "100", "200", "ACK", "BYE", "200"]);

    [Theory]
    [InlineData("ipv6", "8f258b2a3f3fbce7")]
    [InlineData("linktype-any", null)]
    public void Sip_is_recognised_by_its_start_line(string capture, string? callId) =>
        AssertCall(ReadSip(capture), callId ?? "", ["INVITE", "100", "200", "ACK", "BYE", "200"]);

    private static void AssertCall(List<string> messages, string callId, string[] expected)
    {
        Assert.All(messages, message => Assert.Contains(callId, message, StringComparison.Ordinal));
        Assert.Equal(expected, messages.Select(m => m.StartsWith("SIP/2.0", StringComparison.Ordinal) ? m[8..11] : m[..m.IndexOf(' ')]));
    }

    private static List<string> ReadSip(string capture)
    {
        var fragments = new IpReassembler();
        var tcp = new SipTcpReassembler();
        List<string> messages = [];
        foreach ((long now, LinkType link, byte[] frame) in Read(capture))
        {
            if (!FrameDissector.TryDissect(link, frame, out Datagram datagram, out PacketError error))
            {
                if (error != PacketError.Fragment
                    || !FrameDissector.TryReadIp(link, frame, out IpPacket part, out _)
                    || fragments.Add(in part, now, out IpPacket whole) != FragmentResult.Complete
                    || !FrameDissector.TryReadTransport(in whole, out datagram, out _))
                    continue;
            }

            if (datagram.Transport == Transport.Udp && SipRecognizer.LooksLikeSip(datagram.Payload))
                messages.Add(Encoding.UTF8.GetString(datagram.Payload));
            if (datagram.Transport != Transport.Tcp)
                continue;
            _ = tcp.Add(in datagram, now);
            while (tcp.TryRead(out Datagram message))
                messages.Add(Encoding.UTF8.GetString(message.Payload));
        }

        Assert.Equal((0, 0), (tcp.Gaps, fragments.Count));
        return messages;
    }

    private static IEnumerable<(long, LinkType, byte[])> Read(string capture) => PcapReader.Read(TestData.Path($"captures/{capture}/mirror.pcap"));

    private static IEnumerable<((string, string, string) Stream, int Packets)> Expected(string capture)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(TestData.Path($"captures/{capture}/verify.json")));
        foreach (JsonElement stream in document.RootElement.GetProperty("streams").EnumerateArray())
        {
            yield return (
                (Address(stream, "src"), Address(stream, "dst"), stream.GetProperty("ssrc").GetString()!),
                stream.GetProperty("packets").GetInt32());
        }
    }

    /// <summary>That reader writes IPv6 addresses without brackets.</summary>
    private static string Address(JsonElement stream, string name)
    {
        string text = stream.GetProperty(name).GetString()!;
        int colon = text.LastIndexOf(':');
        Assert.True(TransportAddress.TryParseAddress(text.AsSpan(0, colon), int.Parse(text.AsSpan(colon + 1)), out TransportAddress address));
        return address.ToString();
    }
}
