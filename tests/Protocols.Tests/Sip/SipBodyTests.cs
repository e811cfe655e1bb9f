namespace CallMirror.Protocols.Tests.Sip;

public sealed class SipBodyTests
{
    private const string Sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8\r\n";

    [Theory]
    [InlineData("Content-Type: application/sdp")]
    [InlineData("c: application/sdp")]
    [InlineData("Content-Type: Application/SDP ; charset=utf-8")]
    [InlineData("Subject: no content type")]
    [InlineData("Content-Type: application/sdp\nContent-Encoding: identity")]
    public void The_session_description_is_the_body(string headers) => Assert.Equal(Sdp, Parsed.Sdp(Parsed.Invite(headers, Sdp)));

    [Theory]
    [InlineData("Content-Type: text/plain")]
    [InlineData("Content-Type: application/sdpfrag")]
    [InlineData("Content-Type: application/sdp\ne: gzip")]
    [InlineData("Content-Type: multipart/mixed")]
    public void A_body_of_another_kind_holds_none(string headers) => Assert.Null(Parsed.Sdp(Parsed.Invite(headers, Sdp)));

    [Theory]
    [InlineData("Content-Type: application/sdp", "")]
    [InlineData("Subject: x", "hello")]
    public void A_body_without_one_has_none(string headers, string body) => Assert.Null(Parsed.Sdp(Parsed.Invite(headers, body)));

    [Fact]
    public void The_first_sdp_part_of_a_multipart_body_is_found()
    {
        string body = $"""
            a preamble: --unique is no delimiter in here
            --unique-boundary
            Content-Type: application/isup
            Content-Disposition: signal

            --unique
            --unique-boundary 
            c: application/sdp

            {Sdp}
            --unique-boundary
            Content-Type: application/sdp

            v=0 of a second one
            --unique-boundary--
            and an epilogue
            """.ReplaceLineEndings("\r\n");

        Assert.Equal(Sdp, Parsed.Sdp(Parsed.Invite("Content-Type: multipart/mixed;boundary=unique-boundary", body)));
    }

    [Theory]
    [InlineData("multipart/mixed; boundary=\"b 1\"", "--b 1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b 1--\r\n", "v=0")]
    [InlineData("Multipart/Related;boundary=b", "--b\nContent-Type: application/sdp\n\nv=0\n--b--", "v=0")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\n\r\nv=0 of a part without headers\r\n--b--", "v=0 of a part without headers")]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp\r\n\r\nv=0 never closed\r\n", "v=0 never closed\r\n")]
    [InlineData("multipart/mixed;boundary=b", "--b--\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n", null)]
    [InlineData("multipart/mixed;boundary=b", "--b\r\nContent-Type: application/sdp", null)]
    [InlineData("multipart/mixed;boundary=b", "no delimiter", null)]
    public void Multipart_bodies_are_read_tolerantly(string type, string body, string? sdp) =>
        Assert.Equal(sdp, Parsed.Sdp(Parsed.Message([.. Parsed.Bytes($"INVITE sip:b@c SIP/2.0\ni: a\nCSeq: 1 INVITE\nc: {type}\n\n"), .. System.Text.Encoding.ASCII.GetBytes(body)])));

    [Fact]
    public void A_multipart_body_inside_another_is_searched()
    {
        string body = $"--o\nContent-Type: multipart/alternative;boundary=i\n\n--i\nContent-Type: text/plain\n\nhi\n--i\nContent-Type: application/sdp\n\n{Sdp}\n--i--\n--o--";

        Assert.Equal(Sdp, Parsed.Sdp(Parsed.Invite("Content-Type: multipart/mixed;boundary=o", body)));
    }

    [Fact]
    public void Nesting_without_end_is_given_up()
    {
        string body = Sdp;
        string type = "application/sdp";
        for (char boundary = 'a'; boundary < 'k'; boundary++)
        {
            body = $"--{boundary}\nContent-Type: {type}\n\n{body}\n--{boundary}--";
            type = $"multipart/mixed;boundary={boundary}";
        }

        Assert.Null(Parsed.Sdp(Parsed.Invite($"Content-Type: {type}", body)));
    }
}
