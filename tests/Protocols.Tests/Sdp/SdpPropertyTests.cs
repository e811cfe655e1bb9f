using System.Net;
using System.Text;
using CallMirror.Protocols.Sdp;
using CallMirror.Protocols.Tests.Sip;
using CallMirror.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Protocols.Tests.Sdp;

/// <summary>What holds for every input, tried on generated ones; the seed is fixed, so that every run tries the same.</summary>
public sealed class SdpPropertyTests
{
    private const int Runs = 3000;

    private static readonly string[] Pieces =
    [
        "v=0\r\n", "o=- 1 1 IN IP4 h\r\n", "c=IN IP4 1.2.3.4\r\n", "c=IN IP6 ::1", "m=audio 4000/2 RTP/AVP 0 8 101\r\n", "m=video 0 RTP/SAVP 96", "a=rtpmap:", "a=fmtp:", "a=ptime:",
        "a=rtcp:", "a=ssrc:", "a=sendonly\r\n", "101 x/8000/2", "/", ":", "=", " ", "\r\n", "\r", "\n", "-1", "65536", "4294967296", "%", ".", "é", "\0", "a=", "m=", "c=",
    ];

    private static Gen<byte[]> AnyInput => Gen.OneOf(
        ArbMap.Default.GeneratorFor<byte[]>(),
        Gen.Elements(Pieces).ListOf().Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces))));

    private static Gen<IPAddress> Addresses => Gen.OneOf(
        Gen.Choose(0, 255).Select(octet => (byte)octet).ArrayOf(4).Select(octets => new IPAddress(octets)),
        Gen.Choose(0, 255).Select(octet => (byte)octet).ArrayOf(16).Select(octets => new IPAddress(octets)));

    private static Gen<RtpPayloadFormat> Formats =>
        from payloadType in Gen.Choose(0, 127)
        from name in Gen.Elements("PCMA", "opus", "telephone-event", "L16")
        from clockRate in Gen.Elements(8000, 16000, 48000)
        from channels in Gen.Choose(1, 2)
        from fmtp in Gen.Elements(null, "0-15", "a=b; c=d")
        select new RtpPayloadFormat(payloadType, name, clockRate, channels) { Fmtp = fmtp };

    private static Gen<MediaDescription> Media =>
        from media in Gen.Elements("audio", "video")
        from port in Gen.Choose(0, 65535)
        from count in Gen.Choose(1, 3)
        from protocol in Gen.Elements("RTP/AVP", "RTP/SAVPF")
        from address in Addresses
        from direction in Gen.Elements(Enum.GetValues<MediaDirection>())
        from formats in Formats.ListOf()
        from ptime in Gen.Elements<int?>(null, 20, 30)
        from mux in Gen.Elements(true, false)
        select new MediaDescription
        {
            Media = media,
            Port = port,
            PortCount = count,
            Protocol = protocol,
            Connection = address,
            ConnectionHost = address.ToString(),
            Direction = direction,
            Formats = [.. formats.DistinctBy(format => format.PayloadType)],
            Ptime = ptime,
            RtcpPort = mux ? null : 7,
            RtcpMux = mux,
            IsEncrypted = protocol != "RTP/AVP",
            Ssrcs = [(uint)port],
        };

    private static Gen<SessionDescription> Sessions =>
        from media in Media.ListOf()
        from address in Addresses
        from id in ArbMap.Default.GeneratorFor<ulong>()
        select new SessionDescription
        {
            OriginUser = "-",
            SessionId = $"{id}",
            SessionVersion = "1",
            OriginHost = "host",
            SessionName = "a name",
            Connection = address,
            ConnectionHost = address.ToString(),
            Media = [.. media.Take(SessionDescription.MaxMedia)],
        };

    [Fact]
    public void Reading_a_description_never_throws_is_deterministic_and_leaves_its_input_untouched() =>
        Properties.Hold(AnyInput, data =>
        {
            byte[] before = [.. data];
            return Seen.Sdp(data) == Seen.Sdp(data) && data.AsSpan().SequenceEqual(before);
        }, Runs);

    [Fact]
    public void A_written_description_is_read_as_it_was_meant() =>
        Properties.Hold(Sessions, written =>
        {
            SessionDescription read = Described.Session(Write(written));

            Assert.Equal(written with { Media = [] }, read with { Media = [] });
            Assert.Equal(written.Media.Count, read.Media.Count);
            foreach ((MediaDescription expected, MediaDescription actual) in written.Media.Zip(read.Media))
            {
                Assert.Equal(expected with { Formats = [], Ssrcs = [] }, actual with { Formats = [], Ssrcs = [] });
                Assert.Equal(expected.Formats, actual.Formats);
                Assert.Equal(expected.Ssrcs, actual.Ssrcs);
            }
        }, Runs);

    private static string Write(SessionDescription sdp) =>
        $"v=0\r\no={sdp.OriginUser} {sdp.SessionId} {sdp.SessionVersion} IN IP4 {sdp.OriginHost}\r\ns={sdp.SessionName}\r\nc=IN IP4 {sdp.ConnectionHost}\r\nt=0 0\r\n"
        + string.Concat(sdp.Media.Select(Write));

    private static string Write(MediaDescription media)
    {
        string[] lines =
        [
            $"m={media.Media} {media.Port}{(media.PortCount > 1 ? $"/{media.PortCount}" : "")} {media.Protocol} {string.Join(' ', media.Formats.Select(format => format.PayloadType))}",
            $"c=IN {(media.ConnectionHost!.Contains(':', StringComparison.Ordinal) ? "IP6" : "IP4")} {media.ConnectionHost}",
            .. media.Formats.Select(format => $"a=rtpmap:{format.PayloadType} {format.EncodingName}/{format.ClockRate}{(format.Channels > 1 ? $"/{format.Channels}" : "")}"),
            .. media.Formats.Where(format => format.Fmtp is not null).Select(format => $"a=fmtp:{format.PayloadType} {format.Fmtp}"),
            $"a={media.Direction.ToString().ToLowerInvariant()}",
            .. media.Ptime is { } ptime ? [$"a=ptime:{ptime}"] : Array.Empty<string>(),
            media.RtcpMux ? "a=rtcp-mux" : $"a=rtcp:{media.RtcpPort}",
            .. media.Ssrcs.Select(ssrc => $"a=ssrc:{ssrc} cname:x"),
        ];
        return string.Concat(lines.Select(line => line + "\r\n"));
    }
}
