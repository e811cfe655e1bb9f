using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>Offers and answers (RFC 3264, RFC 6337).</summary>
public class MediaTests
{
    private const string Moved = "10.0.0.7 9000 RTP/AVP 8";

    private readonly Phone _phone = new();
    private readonly Tracked _tracked = new();

    [Fact]
    public void Each_role_sends_from_its_address_to_the_others_in_the_others_payload_types()
    {
        var invite = _phone.Invite();
        var ok = _phone.Reply(200, 1, Phone.CalleeSdp);
        _tracked.Take(invite, ok);

        var media = _tracked.Media;
        Assert.Equal((2, invite.CapturedAt, ok.CapturedAt, "sip:alice@pbx", "sip:bob@pbx"), (media.Version, media.StartedAt, media.At, media.From, media.To));
        var (caller, callee) = (media.Streams[0], media.Streams[1]);
        Assert.Equal((0, "10.0.0.1:4000", "10.0.0.2:5000", false), (caller.Role, caller.Sender, caller.Receiver, caller.Encrypted));
        Assert.Equal((1, "10.0.0.2:5000", "10.0.0.1:4000", false), (callee.Role, callee.Sender, callee.Receiver, callee.Encrypted));
        Assert.Equal(["8 PCMA/8000", "101 TELEPHONE-EVENT/8000", "0 PCMU/8000"], caller.Formats.Select(Name));
        Assert.Equal(["8 PCMA/8000", "0 PCMU/8000", "101 TELEPHONE-EVENT/8000"], callee.Formats.Select(Name));
    }

    [Fact]
    public void Early_media_is_told_at_the_183_and_not_again_at_the_same_200()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(183, 1, Phone.CalleeSdp));
        Assert.Single(_tracked.Agreed);
        _tracked.Take(_phone.Reply(200, 1, Phone.CalleeSdp), _phone.Ack());

        Assert.Single(_tracked.Agreed);
    }

    [Fact]
    public void A_200_that_differs_from_the_183_is_told()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(183, 1, Phone.CalleeSdp), _phone.Reply(200, 1, Moved));

        Assert.Equal([(2, "10.0.0.2:5000"), (3, "10.0.0.7:9000")], _tracked.Agreed.Select(m => (m.Version, m.Streams[0].Receiver)));
    }

    [Fact]
    public void A_delayed_offer_is_answered_in_the_ack()
    {
        _tracked.Take(_phone.Invite(sdp: null), _phone.Reply(200, 1, Phone.CalleeSdp));
        Assert.Empty(_tracked.Agreed);
        _tracked.Take(_phone.Ack(1, Phone.CallerSdp), _phone.Ack(1, Phone.CallerSdp));

        Assert.Equal(("10.0.0.1:4000", "10.0.0.2:5000"), (_tracked.Media.Streams[0].Sender, _tracked.Media.Streams[0].Receiver));
    }

    [Fact]
    public void An_offer_in_a_reliable_183_is_answered_in_the_prack()
    {
        _tracked.Take(_phone.Invite(sdp: null), _phone.Reply(183, 1, Phone.CalleeSdp, headers: "Require: 100rel\r\nRSeq: 1\r\n"));
        _tracked.Take(_phone.Caller("PRACK", 2, Phone.CallerSdp, headers: "RAck: 1 1 INVITE\r\n"), _phone.Reply(200, 2, method: "PRACK"));
        Assert.Equal("10.0.0.1:4000", _tracked.Media.Streams[0].Sender);
        _tracked.Take(_phone.Reply(200, 1, Phone.CalleeSdp), _phone.Ack());

        Assert.Single(_tracked.Agreed);
    }

    [Fact]
    public void A_prack_may_offer_anew_and_its_200_answers()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(183, 1, Phone.CalleeSdp, headers: "RSeq: 1\r\n"));
        _tracked.Take(_phone.Caller("PRACK", 2, Moved, headers: "RAck: 1 1 INVITE\r\n"), _phone.Reply(200, 2, Phone.CalleeSdp, method: "PRACK"));

        Assert.Equal("10.0.0.7:9000", _tracked.Events.OfType<MediaNegotiated>().Last().Streams[0].Sender);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void The_caller_may_change_media(string method)
    {
        _tracked.Take(_phone.Up());
        _tracked.Take(_phone.Caller(method, 2, Moved), _phone.Reply(200, 2, Phone.CalleeSdp, method: method));

        var media = _tracked.Events.OfType<MediaNegotiated>().Last();
        Assert.Equal((4, "10.0.0.7:9000", "10.0.0.2:5000"), (media.Version, media.Streams[0].Sender, media.Streams[0].Receiver));
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void Roles_stay_when_the_callee_changes_media(string method)
    {
        _tracked.Take(_phone.Up());
        _tracked.Take(_phone.Callee(method, 2, Moved), _phone.ReplyToCallee(200, 2, Phone.CallerSdp, method: method));

        var media = _tracked.Events.OfType<MediaNegotiated>().Last();
        Assert.Equal((0, "10.0.0.1:4000", "10.0.0.7:9000"), (media.Streams[0].Role, media.Streams[0].Sender, media.Streams[0].Receiver));
    }

    [Fact]
    public void A_reinvite_without_offer_is_answered_in_its_ack()
    {
        _tracked.Take(_phone.Up());
        _tracked.Take(_phone.Caller("INVITE", 2), _phone.Reply(200, 2, Moved), _phone.Ack(2, Phone.CallerSdp));

        Assert.Equal("10.0.0.7:9000", _tracked.Events.OfType<MediaNegotiated>().Last().Streams[0].Receiver);
    }

    [Fact]
    public void A_failed_reinvite_keeps_the_old_media()
    {
        _tracked.Take(_phone.Up());
        _tracked.Take(_phone.Caller("INVITE", 2, Moved + " sendonly"), _phone.Reply(183, 2, Phone.CalleeSdp), _phone.Reply(488, 2), _phone.Ack(2));

        Assert.Equal(["0 10.0.0.1:4000>10.0.0.2:5000", "1 10.0.0.2:5000>10.0.0.1:4000"], _tracked.Streams);
        Assert.Equal(0, _tracked.Count<CallHeld>());
        Assert.Equal(0, _tracked.Count<CallEnded>());
    }

    [Fact]
    public void A_session_refresh_with_the_same_media_says_nothing()
    {
        _tracked.Take(_phone.Up());

        Assert.Empty(_tracked.Take(_phone.Caller("INVITE", 2, Phone.CallerSdp), _phone.Reply(200, 2, Phone.CalleeSdp), _phone.Ack(2)));
    }

    [Fact]
    public void The_first_audio_line_that_is_accepted_counts()
    {
        _tracked.Take(
            _phone.Invite("10.0.0.1 4000 RTP/SAVP 8 | 10.0.0.1 4002 RTP/AVP 8 | 10.0.0.1 4004 RTP/AVP 0"),
            _phone.Reply(200, 1, "10.0.0.2 0 RTP/SAVP 8 | 10.0.0.2 5002 RTP/AVP 8 | 10.0.0.2 5004 RTP/AVP 0"));

        var stream = _tracked.Media.Streams[0];
        Assert.Equal(("10.0.0.1:4002", "10.0.0.2:5002", false), (stream.Sender, stream.Receiver, stream.Encrypted));
    }

    [Fact]
    public void Video_is_passed_over_and_the_c_line_of_the_media_counts()
    {
        string Video(string session, string audio, int port) =>
            $"v=0\no=- 1 1 IN IP4 {session}\ns=-\nc=IN IP4 {session}\nt=0 0\nm=video 1 RTP/AVP 96\na=rtpmap:96 H264/90000\nm=audio {port} RTP/AVP 8 13 97\nc=IN IP4 {audio}\na=rtpmap:97 telephone-event/8000\n";
        _tracked.Take(_phone.Invite(Video("10.9.9.9", "10.0.0.1", 4000)), _phone.Reply(200, 1, Video("10.8.8.8", "10.0.0.2", 5000)));

        var stream = _tracked.Media.Streams[0];
        Assert.Equal(("10.0.0.1:4000", "10.0.0.2:5000"), (stream.Sender, stream.Receiver));
        Assert.Equal(["8 PCMA/8000", "13 CN/8000", "97 TELEPHONE-EVENT/8000"], stream.Formats.Select(Name));
    }

    [Fact]
    public void Audio_refused_with_port_0_is_no_media()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(200, 1, "10.0.0.2 0 RTP/AVP 8"));

        Assert.Equal(1, _tracked.Count<CallAnswered>());
        Assert.Empty(_tracked.Media.Streams);
    }

    [Theory]
    [InlineData("RTP/AVP", "RTP/AVP", false)]
    [InlineData("RTP/AVPF", "RTP/AVPF", false)]
    [InlineData("RTP/SAVP", "RTP/SAVP", true)]
    [InlineData("RTP/SAVPF", "RTP/SAVPF", true)]
    [InlineData("UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVPF", true)]
    public void Srtp_is_flagged(string offer, string answer, bool encrypted)
    {
        _tracked.Take(_phone.Invite($"10.0.0.1 4000 {offer} 8"), _phone.Reply(200, 1, $"10.0.0.2 5000 {answer} 8"));

        Assert.All(_tracked.Media.Streams, stream => Assert.Equal(encrypted, stream.Encrypted));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(" crypto:1", true)]
    public void Srtp_offered_on_plain_rtp_is_what_the_answer_makes_of_it(string answered, bool encrypted)
    {
        _tracked.Take(_phone.Invite("10.0.0.1 4000 RTP/AVP 8 crypto:1"), _phone.Reply(200, 1, "10.0.0.2 5000 RTP/AVP 8" + answered));

        Assert.Equal(encrypted, _tracked.Media.Streams[0].Encrypted);
    }

    [Fact]
    public void A_host_name_is_no_address_and_ipv6_stands_in_brackets()
    {
        _tracked.Take(_phone.Invite("media.example.com 4000 RTP/AVP 8"), _phone.Reply(200, 1, "fd00::2 5000 RTP/AVP 8"));

        var stream = _tracked.Media.Streams[0];
        Assert.Equal((null, "[fd00::2]:5000"), (stream.Sender, stream.Receiver));
    }

    private static string Name(PayloadFormat format) => $"{format.PayloadType} {format.Encoding}/{format.ClockRate}";
}
