using System.Globalization;
using System.Net;
using CallMirror.Protocols.Sdp;
using CallMirror.Protocols.Sip;

namespace CallMirror.Protocols.Tests.Sip;

/// <summary>Every SIP message of the real captures, against FreeSWITCH's own records of the same calls.</summary>
public sealed class SipCaptureTests
{
    public static TheoryData<string> Captures => [.. SipData.Captures.Keys];

    [Theory]
    [MemberData(nameof(Captures))]
    public void Every_message_of_a_capture_is_understood(string capture)
    {
        Assert.NotEmpty(SipData.Captures[capture]);
        foreach (SipMessage message in SipData.Captures[capture].Select(Parsed.Message))
        {
            Assert.NotNull(message.From.Tag);
            Assert.NotNull(message.From.Host);
            Assert.NotNull(message.To.Uri);
            Assert.StartsWith("z9hG4bK", message.TopViaBranch, StringComparison.Ordinal);
            Assert.False(message.IsBodyTruncated);
            if (message.IsRequest) Assert.Equal(message.Method, message.CSeqMethod);
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void Every_body_of_a_capture_is_as_long_as_announced_and_every_sdp_is_understood(string capture)
    {
        foreach (SipMessage message in SipData.Captures[capture].Select(Parsed.Message))
        {
            Assert.Equal(message.Header("l"), message.Body.Length.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(message.ContentType == "application/sdp", message.TryGetSdp(out ReadOnlyMemory<byte> data));
            if (data.IsEmpty) continue;
            Assert.True(SessionDescription.TryParse(data.Span, out SessionDescription? sdp, out SdpError error), error.ToString());
            Assert.NotEmpty(sdp.Media);
            Assert.All(sdp.Media, media => Assert.All(media.Formats, format => Assert.NotEqual("", format.EncodingName)));
        }
    }

    [Fact]
    public void Every_leg_that_freeswitch_recorded_is_found_with_its_call_id_and_user()
    {
        foreach (Dictionary<string, string> leg in SipData.Legs())
        {
            IEnumerable<string?> callers = Messages(leg).Where(message => message is { IsRequest: true, Method: "INVITE" }).Select(invite => invite.From.User);

            Assert.Contains(leg["from_user"], callers);
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void Every_response_of_a_capture_has_the_cseq_and_the_branch_of_a_request(string capture)
    {
        SipMessage[] messages = [.. SipData.Captures[capture].Select(Parsed.Message)];
        HashSet<(string, uint, string, string?)> requests = [.. messages.Where(message => message.IsRequest).Select(Transaction)];

        Assert.All(messages.Where(message => !message.IsRequest), response => Assert.Contains(Transaction(response), requests));
    }

    [Fact]
    public void Every_media_address_that_freeswitch_recorded_is_announced_in_its_leg()
    {
        Dictionary<string, string>[] legs = [.. SipData.Legs().Where(leg => leg["local_port"] != "-")];

        Assert.True(legs.Length > 50);
        foreach (Dictionary<string, string> leg in legs)
        {
            IPEndPoint[] announced = [.. Messages(leg).SelectMany(Media).Select(media => new IPEndPoint(media.Connection!, media.Port))];

            Assert.Contains(Endpoint(leg, "local"), announced);
            // Behind NAT FreeSWITCH answers to where the media comes from, which no SDP says.
            bool isAnnounced = leg["remote_ip"] != "-" && !leg["capture"].StartsWith("nat-", StringComparison.Ordinal);
            if (isAnnounced) Assert.Contains(Endpoint(leg, "remote"), announced);
        }
    }

    [Fact]
    public void Every_codec_that_freeswitch_recorded_was_negotiated_in_its_leg()
    {
        foreach (Dictionary<string, string> leg in SipData.Legs().Where(leg => leg["codec"] is not ("-" or "PROXY")))
        {
            IEnumerable<string> codecs = Messages(leg).SelectMany(Media).SelectMany(media => media.Formats).Select(format => format.EncodingName);

            Assert.Contains(leg["codec"], codecs, StringComparer.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Encrypted_media_is_seen_where_it_is_and_only_there()
    {
        string[] encrypted = [.. SipData.Captures.Keys.Where(capture => SipData.Captures[capture].Select(Parsed.Message).SelectMany(Media).Any(media => media.IsEncrypted))];

        Assert.Equal(["srtp-sdes"], encrypted);
    }

    [Fact]
    public void Hold_by_address_and_by_direction_are_told_apart()
    {
        MediaDescription[] media = [.. SipData.Captures["hold-inactive-c0"].Select(Parsed.Message).SelectMany(Media)];

        Assert.Contains(media, held => held.IsOnHoldByAddress);
        Assert.Contains(media, held => held is { Direction: MediaDirection.Inactive, IsOnHoldByAddress: false });
        Assert.Contains(media, running => running is { Direction: MediaDirection.SendRecv, IsOnHoldByAddress: false });
    }

    private static (string, uint, string, string?) Transaction(SipMessage message) =>
        (message.CallId, message.CSeq, message.CSeqMethod, message.TopViaBranch);

    private static IEnumerable<SipMessage> Messages(Dictionary<string, string> leg) =>
        SipData.Captures[leg["capture"]].Select(Parsed.Message).Where(message => message.CallId == leg["call_id"]);

    private static IEnumerable<MediaDescription> Media(SipMessage message) =>
        message.TryGetSdp(out ReadOnlyMemory<byte> data) && SessionDescription.TryParse(data.Span, out SessionDescription? sdp, out _) ? sdp.Media : [];

    private static IPEndPoint Endpoint(Dictionary<string, string> leg, string side) =>
        new(IPAddress.Parse(leg[side + "_ip"]), int.Parse(leg[side + "_port"], CultureInfo.InvariantCulture));
}
