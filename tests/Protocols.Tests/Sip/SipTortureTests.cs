using System.Text;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Sdp;
using CallMirror.Protocols.Sip;

namespace CallMirror.Protocols.Tests.Sip;

/// <summary>The messages of RFC 4475 and what a bystander makes of each: one that an endpoint might answer with 400 still belongs to a call.</summary>
public sealed class SipTortureTests
{
    public static TheoryData<string> Understood => [.. SipData.Torture.Keys.Except(["scalar02", "scalarlg", "badvers", "bigcode", "insuf"])];

    public static TheoryData<string> WithSdp =>
        ["wsinv", "esc01", "longreq", "unreason", "badinv01", "clerr", "ncl", "multi01"];

    [Theory]
    [MemberData(nameof(Understood))]
    public void A_message_that_names_its_call_is_understood(string name)
    {
        SipMessage message = Parsed.Message(SipData.Torture[name]);

        Assert.StartsWith(name + ".", message.CallId, StringComparison.Ordinal);
        Assert.NotNull(message.From.Uri);
        Assert.NotNull(message.To.Uri);
        Assert.NotEmpty(message.Headers("Via"));
    }

    [Theory]
    [MemberData(nameof(Understood))]
    public void Its_start_line_is_recognised_among_other_packets(string name) => Assert.True(SipRecognizer.LooksLikeSip(SipData.Torture[name]));

    [Theory]
    [InlineData("scalar02", SipError.BadCSeq)]
    [InlineData("scalarlg", SipError.BadCSeq)]
    [InlineData("badvers", SipError.UnsupportedVersion)]
    [InlineData("bigcode", SipError.BadStatusCode)]
    [InlineData("insuf", SipError.MissingCallId)]
    public void A_message_that_no_endpoint_can_place_is_refused(string name, SipError reason) =>
        Assert.Equal(reason, Parsed.Refusal(SipData.Torture[name]));

    [Theory]
    [MemberData(nameof(WithSdp))]
    public void Its_session_description_is_found(string name)
    {
        Assert.True(Parsed.Message(SipData.Torture[name]).TryGetSdp(out ReadOnlyMemory<byte> data));
        Assert.True(SessionDescription.TryParse(data.Span, out SessionDescription? sdp, out _));
        Assert.Equal(["audio 49217", "video 3227"], sdp.Media.Select(media => $"{media.Media} {media.Port}"));
    }

    [Fact]
    public void A_short_tortuous_invite_keeps_none_of_its_secrets()
    {
        SipMessage message = Parsed.Message(SipData.Torture["wsinv"]);

        Assert.Equal(new SipAddress(null, "sip:vivekg@chair-dnrc.example.com", "vivekg", "chair-dnrc.example.com", "1918181833n"), message.To);
        Assert.Equal(new SipAddress("J Rosenberg \\\"", "sip:jdrosen@example.com", "jdrosen", "example.com", "98asjd8"), message.From);
        Assert.Equal((9u, "INVITE", "390skdjuw"), (message.CSeq, message.CSeqMethod, message.TopViaBranch));
        Assert.Equal(
            [
                "SIP  /   2.0 /UDP 192.0.2.2;branch=390skdjuw",
                "SIP  / 2.0  / TCP     spindle.example.com   ; branch  =   z9hG4bK9ikj8",
                "SIP  /    2.0   / UDP  192.168.255.111   ; branch= z9hG4bK30239",
            ],
            message.Headers("Via"));
        Assert.Equal("", message.Header("Subject"));
        Assert.Equal("newfangled value continued newfangled value", message.Header("NewFangledHeader"));
        Assert.Equal(";;,,;;,;", message.Header("UnknownHeaderWithUnusualValue"));
        Assert.Equal("Quoted string \"\"", SipAddress.Parse(message.Header("Contact")!).DisplayName);
        Assert.Equal(150, message.Body.Length);
    }

    [Fact]
    public void Every_character_that_may_stand_in_a_name_does()
    {
        SipMessage message = Parsed.Message(SipData.Torture["intmeth"]);

        Assert.Equal("!interesting-Method0123456789_*+`.%indeed'~", message.Method);
        Assert.Equal(message.Method, message.CSeqMethod);
        Assert.Equal("BEL:\a NUL:\0 DEL:\x7F", message.To.DisplayName);
        Assert.Equal("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", message.To.User);
        Assert.Equal("token1~` token2'+_ token3*%!.-", message.From.DisplayName);
        Assert.Equal("_token~1'+`*%!-.", message.From.Tag);
        Assert.Equal("intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{", message.CallId);
        Assert.Equal("\uFEFF大停電", message.Header("extensionHeader-!.%*+_`'~"));
    }

    [Fact]
    public void Percent_escapes_are_undone_in_users_and_nowhere_else()
    {
        SipMessage message = Parsed.Message(SipData.Torture["esc01"]);

        Assert.Equal("sip:sips%3Auser%40example.com@example.net", message.RequestUri);
        Assert.Equal("user", message.To.User);
        Assert.Equal("I have spaces", message.From.User);
        Assert.Equal("null-\0-null", Parsed.Message(SipData.Torture["escnull"]).From.User);
    }

    [Fact]
    public void Percent_signs_in_methods_and_header_names_are_no_escapes()
    {
        SipMessage message = Parsed.Message(SipData.Torture["esc02"]);

        Assert.Equal("RE%47IST%45R", message.Method);
        Assert.Equal("%Z%45", message.To.DisplayName);
        Assert.Equal(["<sip:alias1@host1.example.com>", "<sip:alias3@host3.example.com>"], message.Headers("Contact"));
    }

    [Fact]
    public void Long_values_are_whole()
    {
        SipMessage message = Parsed.Message(SipData.Torture["longreq"]);

        Assert.Equal(18, message.Headers("Via").Count());
        Assert.Equal($"12{Times(50, "982")}424", message.From.Tag);
        Assert.Equal(Times(5, "amazinglylongcallername"), message.From.User);
        Assert.Equal($"I have a user name of {Times(10, "extreme")} proportion", message.To.DisplayName);
        Assert.Equal($"longreq.one{Times(20, "really")}longcallid", message.CallId);
    }

    [Fact]
    public void What_follows_the_message_in_its_datagram_is_ignored()
    {
        SipMessage message = Parsed.Message(SipData.Torture["dblreq"]);

        Assert.Equal("REGISTER", message.Method);
        Assert.True(message.Body.IsEmpty);
    }

    [Fact]
    public void A_reason_phrase_may_be_anything_or_nothing()
    {
        Assert.StartsWith("= 2**3 * 5**2 но сто девяносто", Parsed.Message(SipData.Torture["unreason"]).ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal("", Parsed.Message(SipData.Torture["noreason"]).ReasonPhrase);
    }

    [Fact]
    public void Lengths_that_lie_leave_the_body_as_it_came()
    {
        Assert.True(Parsed.Message(SipData.Torture["clerr"]).IsBodyTruncated);
        Assert.Equal(154, Parsed.Message(SipData.Torture["clerr"]).Body.Length);
        Assert.Equal(152, Parsed.Message(SipData.Torture["ncl"]).Body.Length);
        Assert.Equal("There's no wa", Encoding.ASCII.GetString(Parsed.Message(SipData.Torture["mcl01"]).Body.Span));
    }

    [Theory]
    [InlineData("ltgtruri", "<sip:user@example.com>")]
    [InlineData("lwsruri", "sip:user@example.com; lr")]
    [InlineData("lwsstart", "sip:user@example.com")]
    [InlineData("trws", "sip:remote-target@example.com")]
    [InlineData("unkscm", "nobodyKnowsThisScheme:totallyopaquecontent")]
    [InlineData("semiuri", "sip:user;par=u%40example.net@example.com")]
    public void A_request_uri_is_kept_as_written(string name, string uri) => Assert.Equal(uri, Parsed.Message(SipData.Torture[name]).RequestUri);

    [Fact]
    public void Malformed_addresses_give_what_can_be_told()
    {
        Assert.Equal(new SipAddress("Mr. J. User", "sip:j.user@example.com", "j.user", "example.com", null), Parsed.Message(SipData.Torture["quotbal"]).To);
        Assert.Equal(new SipAddress("Watson, Thomas", "sip:t.watson@example.org", "t.watson", "example.org", null), Parsed.Message(SipData.Torture["badaspec"]).To);
        Assert.Equal(new SipAddress("Bell, Alexander", "sip:a.g.bell@example.com", "a.g.bell", "example.com", "43"), Parsed.Message(SipData.Torture["baddn"]).From);
        Assert.Equal("SIP/2.0/UDP 192.0.2.15;;", Parsed.Message(SipData.Torture["badinv01"]).Header("Via"));
    }

    [Fact]
    public void A_cseq_method_that_contradicts_the_request_is_shown_as_it_is()
    {
        SipMessage message = Parsed.Message(SipData.Torture["mismatch02"]);

        Assert.Equal(("NEWMETHOD", "INVITE"), (message.Method, message.CSeqMethod));
    }

    [Fact]
    public void Of_headers_that_should_be_single_the_first_counts()
    {
        SipMessage message = Parsed.Message(SipData.Torture["multi01"]);

        Assert.Equal((5u, "multi01.98asdh@192.0.2.1"), (message.CSeq, message.CallId));
        Assert.Equal("3413415", message.From.Tag);
        Assert.Equal(["5 INVITE", "59 INVITE"], message.Headers("CSeq"));
    }

    [Fact]
    public void An_rfc_2543_invite_needs_no_branch_tag_or_length()
    {
        SipMessage message = Parsed.Message(SipData.Torture["inv2543"]);

        Assert.Null(message.TopViaBranch);
        Assert.Equal(new SipAddress(null, "sip:+13035551111@ift.client.example.net;user=phone", "+13035551111", "ift.client.example.net", null), message.From);
        Assert.True(message.TryGetSdp(out _));
    }

    private static string Times(int count, string text) => string.Concat(Enumerable.Repeat(text, count));
}
