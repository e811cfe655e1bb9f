using System.Net;
using CallMirror.Protocols.Sdp;

namespace CallMirror.Protocols.Tests.Sdp;

public sealed class MediaDescriptionTests
{
    [Fact]
    public void Media_lines_keep_their_order_and_what_they_refuse()
    {
        SessionDescription sdp = Described.Session("v=0\nc=IN IP4 192.0.2.1\nm=audio 49170 RTP/AVP 0\nm=video 0 RTP/AVP 31\nm=audio 49180/2 RTP/AVP 8\nm=application 9 UDP/BFCP *\nm=image 4000 udptl t38");

        Assert.Equal(["audio 49170", "video 0", "audio 49180", "application 9", "image 4000"], sdp.Media.Select(media => $"{media.Media} {media.Port}"));
        Assert.Equal([1, 1, 2, 1, 1], sdp.Media.Select(media => media.PortCount));
        Assert.Equal(["RTP/AVP", "RTP/AVP", "RTP/AVP", "UDP/BFCP", "udptl"], sdp.Media.Select(media => media.Protocol));
        Assert.Empty(sdp.Media[3].Formats);
        Assert.Empty(sdp.Media[4].Formats);
    }

    [Fact]
    public void The_connection_of_the_media_goes_before_that_of_the_session()
    {
        SessionDescription sdp = Described.Session("v=0\nc=IN IP4 192.0.2.1\nm=audio 1 RTP/AVP 0\nc=IN IP6 2001:db8::2\nm=audio 2 RTP/AVP 0\nm=audio 3 RTP/AVP 0\nc=IN IP4 host.example.com");

        Assert.Equal([IPAddress.Parse("2001:db8::2"), IPAddress.Parse("192.0.2.1"), null], sdp.Media.Select(media => media.Connection));
        Assert.Equal(["2001:db8::2", "192.0.2.1", "host.example.com"], sdp.Media.Select(media => media.ConnectionHost));
    }

    [Fact]
    public void Of_several_connections_of_one_media_the_first_counts() =>
        Assert.Equal("224.2.1.1", Described.Media("m=audio 1 RTP/AVP 0\nc=IN IP4 224.2.1.1/127\nc=IN IP4 224.2.1.2/127").ConnectionHost);

    [Theory]
    [InlineData("", "", MediaDirection.SendRecv)]
    [InlineData("a=sendrecv", "", MediaDirection.SendRecv)]
    [InlineData("a=sendonly", "", MediaDirection.SendOnly)]
    [InlineData("a=recvonly", "", MediaDirection.RecvOnly)]
    [InlineData("a=inactive", "", MediaDirection.Inactive)]
    [InlineData("", "a=sendonly", MediaDirection.SendOnly)]
    [InlineData("a=sendrecv", "a=inactive", MediaDirection.SendRecv)]
    [InlineData("a=recvonly", "a=sendonly", MediaDirection.RecvOnly)]
    public void The_direction_of_the_media_goes_before_that_of_the_session(string media, string session, MediaDirection direction) =>
        Assert.Equal(direction, Described.Media($"m=audio 1 RTP/AVP 0\n{media}", session).Direction);

    [Theory]
    [InlineData("c=IN IP4 0.0.0.0", true)]
    [InlineData("c=IN IP6 ::", true)]
    [InlineData("c=IN IP4 192.0.2.1", false)]
    [InlineData("", false)]
    public void A_hold_by_address_is_told_apart_from_the_direction(string line, bool isOnHold)
    {
        MediaDescription media = Described.Media($"m=audio 1 RTP/AVP 0\n{line}");

        Assert.Equal(isOnHold, media.IsOnHoldByAddress);
        Assert.Equal(MediaDirection.SendRecv, media.Direction);
    }

    [Fact]
    public void Static_payload_types_need_no_rtpmap() =>
        Assert.Equal(
            ["0 PCMU/8000/1", "3 GSM/8000/1", "4 G723/8000/1", "8 PCMA/8000/1", "9 G722/8000/1", "10 L16/44100/2", "13 CN/8000/1", "18 G729/8000/1"],
            Described.Media("m=audio 1 RTP/AVP 0 3 4 8 9 10 13 18").Formats.Select(Written));

    [Fact]
    public void Rtpmap_and_fmtp_explain_dynamic_payload_types_in_the_order_of_the_media_line()
    {
        MediaDescription media = Described.Media("""
            m=audio 1 RTP/AVP 107 9 101 120
            a=rtpmap:101 telephone-event/8000
            a=fmtp:101 0-16
            a=rtpmap:107 opus/48000/2
            a=fmtp:107 useinbandfec=1; maxaveragebitrate=30000
            a=rtpmap:99 notoffered/8000
            """);

        Assert.Equal(["107 opus/48000/2", "9 G722/8000/1", "101 telephone-event/8000/1", "120 /0/0"], media.Formats.Select(Written));
        Assert.Equal(["useinbandfec=1; maxaveragebitrate=30000", null, "0-16", null], media.Formats.Select(format => format.Fmtp));
    }

    [Theory]
    [InlineData("a=rtpmap:8 PCMU/8000", "8 PCMU/8000/1")]
    [InlineData("a=rtpmap:8 pcma", "8 pcma/8000/1")]
    [InlineData("a=rtpmap: 8  PCMA/16000/2", "8 PCMA/16000/2")]
    [InlineData("a=rtpmap:8 PCMA/0", "8 PCMA/8000/1")]
    [InlineData("a=rtpmap:8 PCMA/-8000", "8 PCMA/8000/1")]
    [InlineData("a=rtpmap:8 L16/8000/99999999999", "8 PCMA/8000/1")]
    [InlineData("a=rtpmap:8", "8 PCMA/8000/1")]
    [InlineData("a=rtpmap:8 /16000", "8 PCMA/8000/1")]
    [InlineData("a=rtpmap:128 L16/8000", "8 PCMA/8000/1")]
    [InlineData("a=rtpmap:8 first/8000\na=rtpmap:8 second/8000", "8 first/8000/1")]
    public void A_damaged_rtpmap_leaves_the_static_meaning(string line, string format) =>
        Assert.Equal(format, Written(Assert.Single(Described.Media($"m=audio 1 RTP/AVP 8\n{line}").Formats)));

    [Fact]
    public void A_payload_type_that_is_none_or_comes_twice_is_left_out() =>
        Assert.Equal([8, 0], Described.Media("m=audio 1 RTP/AVP 8 128 -1 x 0 8").Formats.Select(format => format.PayloadType));

    [Theory]
    [InlineData("a=ptime:30", 30)]
    [InlineData("a=ptime: 20.5", 20)]
    [InlineData("a=ptime:0", null)]
    [InlineData("a=ptime:x", null)]
    [InlineData("a=maxptime:30", null)]
    public void Packet_time_is_whole_milliseconds(string line, int? ptime) => Assert.Equal(ptime, Described.Media($"m=audio 1 RTP/AVP 0\n{line}").Ptime);

    [Theory]
    [InlineData("a=rtcp:53020", 53020, false)]
    [InlineData("a=rtcp:53020 IN IP6 2001:db8::1", 53020, false)]
    [InlineData("a=rtcp-mux", null, true)]
    [InlineData("a=rtcp:70000", null, false)]
    [InlineData("a=rtcp-fb:* nack", null, false)]
    public void Where_rtcp_goes_is_read(string line, int? port, bool mux)
    {
        MediaDescription media = Described.Media($"m=audio 1 RTP/AVP 0\n{line}");

        Assert.Equal((port, mux), (media.RtcpPort, media.RtcpMux));
    }

    [Theory]
    [InlineData("RTP/AVP", "", "", false)]
    [InlineData("RTP/AVPF", "", "", false)]
    [InlineData("RTP/SAVP", "", "", true)]
    [InlineData("RTP/SAVPF", "", "", true)]
    [InlineData("UDP/TLS/RTP/SAVPF", "", "", true)]
    [InlineData("RTP/AVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x", "", true)]
    [InlineData("RTP/AVP", "a=fingerprint:sha-256 AB:CD", "", true)]
    [InlineData("RTP/AVP", "", "a=fingerprint:sha-256 AB:CD", true)]
    public void Encryption_is_seen_in_the_protocol_and_in_the_keys(string protocol, string line, string session, bool isEncrypted)
    {
        MediaDescription media = Described.Media($"m=audio 1 {protocol} 0\n{line}", session);

        Assert.Equal(isEncrypted, media.IsEncrypted);
        Assert.Single(media.Formats);
    }

    [Fact]
    public void Announced_sources_are_listed_once_each() =>
        Assert.Equal([4294967295u, 7u], Described.Media("m=audio 1 RTP/AVP 0\na=ssrc:4294967295 cname:x\na=ssrc:7\na=ssrc:4294967295 msid:y\na=ssrc:4294967296\na=ssrc:-1").Ssrcs);

    private static string Written(RtpPayloadFormat format) => $"{format.PayloadType} {format.EncodingName}/{format.ClockRate}/{format.Channels}";
}
