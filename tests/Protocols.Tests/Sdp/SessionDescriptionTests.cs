using System.Net;
using System.Text;
using CallMirror.Protocols.Sdp;

namespace CallMirror.Protocols.Tests.Sdp;

public sealed class SessionDescriptionTests
{
    [Fact]
    public void Origin_session_name_and_connection_are_read()
    {
        SessionDescription sdp = Described.Session("v=0\no=jdoe 3724394400 99999999999999999999 IN IP4 198.51.100.1\ns=SDP Seminar\nc=IN IP4 198.51.100.2\nt=0 0");

        Assert.Equal(("jdoe", "3724394400", "99999999999999999999", "198.51.100.1"), (sdp.OriginUser, sdp.SessionId, sdp.SessionVersion, sdp.OriginHost));
        Assert.Equal("SDP Seminar", sdp.SessionName);
        Assert.Equal(IPAddress.Parse("198.51.100.2"), sdp.Connection);
        Assert.Empty(sdp.Media);
    }

    [Theory]
    [InlineData("", SdpError.Empty)]
    [InlineData(" \r\n ", SdpError.Empty)]
    [InlineData("hello", SdpError.NotSdp)]
    [InlineData("=0", SdpError.NotSdp)]
    [InlineData("{\"v\":0}", SdpError.NotSdp)]
    [InlineData("v=1\r\n", SdpError.UnsupportedVersion)]
    [InlineData("v=\r\n", SdpError.UnsupportedVersion)]
    [InlineData("v=0\r\nm=audio 65536 RTP/AVP 0\r\n", SdpError.BadMediaLine)]
    [InlineData("v=0\r\nm=audio -1 RTP/AVP 0\r\n", SdpError.BadMediaLine)]
    [InlineData("v=0\r\nm=audio x RTP/AVP 0\r\n", SdpError.BadMediaLine)]
    [InlineData("v=0\r\nm=audio 4000\r\n", SdpError.BadMediaLine)]
    [InlineData("v=0\r\nm=\r\n", SdpError.BadMediaLine)]
    public void What_is_no_description_is_refused_with_its_reason(string text, SdpError reason) =>
        Assert.Equal(reason, Described.Refusal(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void The_length_is_bounded()
    {
        Assert.Equal(SdpError.TooLong, Described.Refusal(Encoding.ASCII.GetBytes("v=0\ns=" + new string('x', SessionDescription.MaxBytes))));
        Assert.NotNull(Described.Session("v=0\ns=" + new string('x', SessionDescription.MaxBytes - 6)));
    }

    [Fact]
    public void The_number_of_media_is_bounded()
    {
        string most = "v=0\n" + string.Concat(Enumerable.Repeat("m=audio 4000 RTP/AVP 8\n", SessionDescription.MaxMedia));

        Assert.Equal(SessionDescription.MaxMedia, Described.Session(most).Media.Count);
        Assert.Equal(SdpError.TooManyMedia, Described.Refusal(Encoding.ASCII.GetBytes(most + "m=audio 4000 RTP/AVP 8\n")));
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    [InlineData("\r")]
    [InlineData("\r\n\r\n")]
    [InlineData("  \r\n  ")]
    public void Any_line_end_ends_a_line(string lineEnd)
    {
        string text = string.Join(lineEnd, "v=0", "c=IN IP4 192.0.2.1", "m=audio 4000 RTP/AVP 8", "a=sendonly");

        MediaDescription media = Assert.Single(Described.Session(text).Media);
        Assert.Equal((IPAddress.Parse("192.0.2.1"), 4000, MediaDirection.SendOnly), (media.Connection, media.Port, media.Direction));
    }

    [Fact]
    public void What_only_looks_like_a_line_end_ends_none() =>
        Assert.Empty(Described.Session("v=0\ns=a\u2028m=audio 4000 RTP/AVP 8\u0085m=audio 4000 RTP/AVP 8").Media);

    [Fact]
    public void Unknown_lines_and_attributes_are_ignored()
    {
        SessionDescription sdp = Described.Session("v=0\nX=1\nnonsense\n\nb=AS:64\nk=clear:x\nz=0 0\na=unknown\na=\na=:\nm=audio 4000 RTP/AVP 8\ni=title\na=unknown:1");

        Assert.Equal(4000, Assert.Single(sdp.Media).Port);
    }

    [Fact]
    public void Version_and_origin_may_be_missing()
    {
        SessionDescription sdp = Described.Session("m=audio 4000 RTP/AVP 8");

        Assert.Null(sdp.OriginUser);
        Assert.Single(sdp.Media);
    }

    [Theory]
    [InlineData("IN IP4 192.0.2.9", "192.0.2.9", "192.0.2.9")]
    [InlineData("IN IP4 224.2.1.1/127/3", "224.2.1.1", "224.2.1.1")]
    [InlineData("IN IP6 2001:db8::5", "2001:db8::5", "2001:db8::5")]
    [InlineData("IN IP6 FF15::101/3", "FF15::101", "ff15::101")]
    [InlineData("IN IP6 fe80::1%eth0", "fe80::1%eth0", "fe80::1")]
    [InlineData("IN IP4 2001:db8::5", "2001:db8::5", "2001:db8::5")]
    [InlineData(" IN  IP4\t192.0.2.9 ", "192.0.2.9", "192.0.2.9")]
    [InlineData("IN IP4 media.example.com", "media.example.com", null)]
    [InlineData("IN IP4 10", "10", null)]
    [InlineData("IN IP4 0x7f.0.0.1", "0x7f.0.0.1", null)]
    [InlineData("IN IP4 1.2.3.4.5", "1.2.3.4.5", null)]
    [InlineData("IN IP4 1.2.3.256", "1.2.3.256", null)]
    [InlineData("IN IP4 010.0.0.1", "010.0.0.1", "10.0.0.1")]
    [InlineData("IN IP4", null, null)]
    [InlineData("", null, null)]
    public void A_connection_is_an_address_or_a_host_name(string value, string? host, string? address)
    {
        SessionDescription sdp = Described.Session($"v=0\nc={value}\nm=audio 4000 RTP/AVP 8");

        Assert.Equal(host, sdp.ConnectionHost);
        Assert.Equal(address, sdp.Connection?.ToString());
        Assert.Equal((host, address), (sdp.Media[0].ConnectionHost, sdp.Media[0].Connection?.ToString()));
    }
}
