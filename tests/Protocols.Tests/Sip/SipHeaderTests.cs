using CallMirror.Protocols.Sip;

namespace CallMirror.Protocols.Tests.Sip;

public sealed class SipHeaderTests
{
    [Theory]
    [InlineData("a", "Accept-Contact")]
    [InlineData("b", "Referred-By")]
    [InlineData("c", "Content-Type")]
    [InlineData("d", "Request-Disposition")]
    [InlineData("e", "Content-Encoding")]
    [InlineData("f", "From")]
    [InlineData("j", "Reject-Contact")]
    [InlineData("k", "Supported")]
    [InlineData("l", "Content-Length")]
    [InlineData("m", "Contact")]
    [InlineData("n", "Identity-Info")]
    [InlineData("o", "Event")]
    [InlineData("r", "Refer-To")]
    [InlineData("s", "Subject")]
    [InlineData("t", "To")]
    [InlineData("u", "Allow-Events")]
    [InlineData("v", "Via")]
    [InlineData("x", "Session-Expires")]
    [InlineData("y", "Identity")]
    public void A_compact_name_and_its_long_form_are_the_same_header(string compact, string full)
    {
        Assert.Equal("1", Parsed.Invite($"{compact}: 1").Header(full));
        Assert.Equal("1", Parsed.Invite($"{full}: 1").Header(compact));
    }

    [Fact]
    public void Call_id_has_a_compact_form_too() =>
        Assert.Equal("x@y", Parsed.Message(Parsed.Bytes("SIP/2.0 200 OK\ni: x@y\nCSeq: 1 BYE\n\n")).CallId);

    [Theory]
    [InlineData("SUBJECT: hi")]
    [InlineData("subject:hi")]
    [InlineData("Subject \t:\t  hi  ")]
    [InlineData("S : hi")]
    [InlineData("Subject:\n hi")]
    [InlineData("Subject :\n\t\n  hi")]
    public void Case_and_whitespace_around_the_colon_do_not_matter(string line) =>
        Assert.Equal("hi", Parsed.Invite(line).Header("Subject"));

    [Fact]
    public void A_folded_value_is_joined_with_single_spaces() =>
        Assert.Equal("I know you're there, pick up the phone", Parsed.Invite("Subject: I know you're there,\n   pick up\n\tthe phone").Header("subject"));

    [Fact]
    public void Values_in_one_line_and_in_several_come_in_their_order()
    {
        SipMessage message = Parsed.Invite("Via: SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b;branch=2\nSubject: x\nv: SIP/2.0/TCP c;branch=3");

        Assert.Equal(["SIP/2.0/UDP a;branch=1", "SIP/2.0/UDP b;branch=2", "SIP/2.0/TCP c;branch=3"], message.Headers("Via"));
        Assert.Equal("1", message.TopViaBranch);
    }

    [Fact]
    public void Commas_in_quotes_and_brackets_part_nothing() =>
        Assert.Equal(
            ["\"Bell, \\\"A\\\", Mr\" <sip:a,b@example.com>", "<sip:c@example.com>;x=\"1,2\""],
            Parsed.Invite("Contact: \"Bell, \\\"A\\\", Mr\" <sip:a,b@example.com>, , <sip:c@example.com>;x=\"1,2\",").Headers("m"));

    [Theory]
    [InlineData("Date: Sat, 13 Nov 2010 23:29:00 GMT", "Date")]
    [InlineData("Subject: one, two", "Subject")]
    [InlineData("User-Agent: phone (a, b)", "User-Agent")]
    [InlineData("Authorization: Digest username=\"a\", realm=\"b\"", "Authorization")]
    [InlineData("X-Unknown: a, b", "X-Unknown")]
    public void Commas_part_nothing_where_they_are_text(string line, string name) =>
        Assert.Equal([line[(name.Length + 2)..]], Parsed.Invite(line).Headers(name));

    [Fact]
    public void A_header_that_is_not_there_is_null()
    {
        SipMessage message = Parsed.Invite("Subject: x");

        Assert.Null(message.Header("Via"));
        Assert.Null(message.TopViaBranch);
        Assert.Null(message.ContentType);
        Assert.Empty(message.Headers("X-None"));
        Assert.Equal(SipAddress.Empty, message.From);
    }

    [Fact]
    public void Lines_without_a_name_or_a_colon_are_passed_over() =>
        Assert.Equal("x", Parsed.Invite("what is this\n: nameless\nSubject: x").Header("Subject"));

    [Fact]
    public void Of_two_lines_of_one_header_the_first_counts() =>
        Assert.Equal("a", Parsed.Invite("From: <sip:x@y>;tag=a\nFrom: <sip:x@y>;tag=b").From.Tag);

    [Fact]
    public void Bytes_that_are_not_utf8_do_no_harm() =>
        Assert.Equal("caf\uFFFD", Parsed.Message([.. "SIP/2.0 200 OK\r\ni: a\r\nCSeq: 1 BYE\r\ns: caf"u8, 0xE9, .. "\r\n\r\n"u8]).Header("Subject"));

    [Theory]
    [InlineData("Via: SIP/2.0/UDP h;branch=z9hG4bK1;rport", "z9hG4bK1")]
    [InlineData("Via: SIP/2.0/UDP h ; Branch = z9hG4bK1 ;rport", "z9hG4bK1")]
    [InlineData("Via: SIP/2.0/UDP h;rport;received=1.2.3.4", null)]
    [InlineData("Via: SIP/2.0/UDP h;branch=;rport", null)]
    [InlineData("Via: SIP/2.0/UDP h;x=\";branch=no\";branch=yes", "yes")]
    [InlineData("Via: SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK2", "z9hG4bK2")]
    public void The_top_via_names_the_transaction(string line, string? branch) => Assert.Equal(branch, Parsed.Invite(line).TopViaBranch);
}
