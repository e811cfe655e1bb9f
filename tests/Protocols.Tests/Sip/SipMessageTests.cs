using System.Globalization;
using System.Text;
using CallMirror.Protocols.Sip;

namespace CallMirror.Protocols.Tests.Sip;

public sealed class SipMessageTests
{
    private const string Call = "Call-ID: a@b\nCSeq: 1 INVITE\n";

    [Fact]
    public void A_request_has_a_method_and_a_uri_and_no_status()
    {
        SipMessage message = Parsed.Message(Parsed.Bytes($"BYE sip:bob@example.com;lr SIP/2.0\nCall-ID: a@b\nCSeq: 7 BYE\n\n"));

        Assert.True(message.IsRequest);
        Assert.Equal("BYE", message.Method);
        Assert.Equal("sip:bob@example.com;lr", message.RequestUri);
        Assert.Equal(0, message.StatusCode);
        Assert.Null(message.ReasonPhrase);
        Assert.Equal((7u, "BYE"), (message.CSeq, message.CSeqMethod));
    }

    [Fact]
    public void A_response_has_a_status_and_the_method_of_its_cseq()
    {
        SipMessage message = Parsed.Message(Parsed.Bytes($"SIP/2.0 183 Session Progress\n{Call}\n"));

        Assert.False(message.IsRequest);
        Assert.Equal(183, message.StatusCode);
        Assert.Equal("Session Progress", message.ReasonPhrase);
        Assert.Equal("INVITE", message.Method);
        Assert.Null(message.RequestUri);
    }

    [Theory]
    [InlineData("SIP/2.0 200 OK")]
    [InlineData("sip/2.0 200")]
    [InlineData("SIP/2.0  200  OK  ")]
    [InlineData("\r\n\r\nSIP/2.0 200 OK")]
    public void Status_lines_are_taken_as_endpoints_take_them(string line) =>
        Assert.Equal(200, Parsed.Message(Parsed.Bytes($"{line}\n{Call}\n")).StatusCode);

    [Theory]
    [InlineData("", SipError.Empty)]
    [InlineData("\r\n\r\n", SipError.Empty)]
    [InlineData("hello\r\n\r\n", SipError.NoStartLine)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", SipError.NoStartLine)]
    [InlineData("INVITE SIP/2.0\r\n\r\n", SipError.BadStartLine)]
    [InlineData("IN\"VITE sip:a SIP/2.0\r\n\r\n", SipError.BadStartLine)]
    [InlineData("INVITE sip:a SIP/3.0\r\n\r\n", SipError.UnsupportedVersion)]
    [InlineData("SIP/1.0 200 OK\r\n\r\n", SipError.UnsupportedVersion)]
    [InlineData("SIP/2.0\r\n\r\n", SipError.BadStatusCode)]
    [InlineData("SIP/2.0 99 Low\r\n\r\n", SipError.BadStatusCode)]
    [InlineData("SIP/2.0 099 Low\r\n\r\n", SipError.BadStatusCode)]
    [InlineData("SIP/2.0 700 High\r\n\r\n", SipError.BadStatusCode)]
    [InlineData("SIP/2.0 2x0 OK\r\n\r\n", SipError.BadStatusCode)]
    [InlineData("SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n", SipError.MissingCallId)]
    [InlineData("SIP/2.0 200 OK\r\nCall-ID: \r\nCSeq: 1 INVITE\r\n\r\n", SipError.MissingCallId)]
    [InlineData("SIP/2.0 200 OK\r\nCall-ID: a\r\n\r\n", SipError.MissingCSeq)]
    public void What_is_not_a_message_is_refused_with_its_reason(string text, SipError reason) =>
        Assert.Equal(reason, Parsed.Refusal(text));

    [Theory]
    [InlineData("0 INVITE", 0u)]
    [InlineData("0009 INVITE", 9u)]
    [InlineData("2147483647 INVITE", 2147483647u)]
    [InlineData("4294967295 INVITE", 4294967295u)]
    [InlineData("5\t \r\n\tINVITE", 5u)]
    public void Sequence_numbers_up_to_32_bits_are_taken(string cseq, uint number)
    {
        SipMessage message = Parsed.Message(Parsed.Bytes($"SIP/2.0 200 OK\nCall-ID: a\nCSeq: {cseq}\n\n"));

        Assert.Equal((number, "INVITE"), (message.CSeq, message.CSeqMethod));
    }

    [Theory]
    [InlineData("4294967296 INVITE")]
    [InlineData("-1 INVITE")]
    [InlineData("+1 INVITE")]
    [InlineData("INVITE")]
    [InlineData("1")]
    [InlineData("1 INV(ITE")]
    [InlineData("")]
    public void A_sequence_number_that_is_none_is_refused(string cseq) =>
        Assert.Equal(SipError.BadCSeq, Parsed.Refusal($"SIP/2.0 200 OK\nCall-ID: a\nCSeq: {cseq}\n\n"));

    [Fact]
    public void Bare_line_feeds_end_lines_too()
    {
        byte[] data = Encoding.ASCII.GetBytes($"INVITE sip:bob@example.com SIP/2.0\n{Call}Subject: a\n b\nContent-Length: 3\n\nabcdef");

        SipMessage message = Parsed.Message(data);

        Assert.Equal("a b", message.Header("Subject"));
        Assert.Equal("abc"u8, message.Body.Span);
    }

    [Fact]
    public void A_message_cut_off_inside_its_headers_still_tells_its_call()
    {
        SipMessage message = Parsed.Message(Encoding.ASCII.GetBytes("INVITE sip:b@c SIP/2.0\r\nCall-ID: a@b\r\nCSeq: 1 INVITE\r\nFrom: <sip:al"));

        Assert.Equal("a@b", message.CallId);
        Assert.Equal("sip:al", message.From.Uri);
        Assert.True(message.Body.IsEmpty);
    }

    [Fact]
    public void The_headers_together_are_bounded() =>
        Assert.Equal(SipError.HeaderTooLong, Parsed.Refusal($"INVITE sip:b@c SIP/2.0\n{Call}X: {new string('x', SipMessage.MaxHeaderBytes)}\n\n"));

    [Fact]
    public void The_number_of_headers_is_bounded()
    {
        string most = string.Concat(Enumerable.Range(0, SipMessage.MaxHeaders - 2).Select(i => string.Create(CultureInfo.InvariantCulture, $"X: {i}\n")));

        Assert.Equal(SipMessage.MaxHeaders - 2, Parsed.Message(Parsed.Bytes($"INVITE sip:b@c SIP/2.0\n{Call}{most}\n")).Headers("X").Count());
        Assert.Equal(SipError.TooManyHeaders, Parsed.Refusal($"INVITE sip:b@c SIP/2.0\n{Call}{most}X: 1\n\n"));
    }

    [Theory]
    [InlineData("Content-Length: 3", "abc", false)]
    [InlineData("l:3", "abc", false)]
    [InlineData("Content-Length: 0", "", false)]
    [InlineData("Content-Length: 6", "abcdef", false)]
    [InlineData("Subject: no length", "abcdef", false)]
    [InlineData("Content-Length: -1", "abcdef", false)]
    [InlineData("Content-Length: many", "abcdef", false)]
    [InlineData("Content-Length: 7", "abcdef", true)]
    [InlineData("Content-Length: 4294967295", "abcdef", true)]
    public void The_body_is_what_content_length_says_or_else_the_rest(string header, string body, bool truncated)
    {
        SipMessage message = Parsed.Invite(header, "abcdef");

        Assert.Equal(body, Encoding.ASCII.GetString(message.Body.Span));
        Assert.Equal(truncated, message.IsBodyTruncated);
    }
}
