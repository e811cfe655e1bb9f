using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>What is announced while an offer has no answer (RFC 3264 §5.1), and when it is withdrawn.</summary>
public class OfferTests
{
    private const string Moved = "10.0.0.7 9000 RTP/AVP 8";

    private static readonly string[] Up = ["0 10.0.0.1:4000>10.0.0.2:5000", "1 10.0.0.2:5000>10.0.0.1:4000"];
    private static readonly string[] CallersHalf = ["0 10.0.0.1:4000>-", "1 ->10.0.0.1:4000"];
    private static readonly string[] CalleesHalf = ["0 ->10.0.0.2:5000", "1 10.0.0.2:5000>-"];

    private readonly Phone _phone = new();
    private readonly Tracked _tracked = new();

    [Fact]
    public void An_invite_names_what_comes_to_its_address_and_what_leaves_it()
    {
        _tracked.Take(_phone.Invite());

        var media = _tracked.Media;
        Assert.Equal(CallersHalf, _tracked.Streams);
        Assert.Empty(media.Streams[0].Formats);
        Assert.Equal([8, 0, 101], media.Streams[1].Formats.Select(format => format.PayloadType));
        Assert.Equal((1, false, _phone.Now), (media.Version, media.Streams[1].Encrypted, media.At));
        Assert.Equal(("10.0.0.1", "10.0.0.2"), (Assert.Single(media.CallerHosts), Assert.Single(media.CalleeHosts)));
    }

    [Fact]
    public void An_invite_without_description_names_nothing_until_some_is_seen()
    {
        _tracked.Take(_phone.Invite(sdp: null), _phone.Reply(180, 1));
        Assert.Equal(0, _tracked.Count<MediaNegotiated>());
        _tracked.Take(_phone.Reply(200, 1, Phone.CalleeSdp));
        Assert.Equal(CalleesHalf, _tracked.Streams);
        _tracked.Take(_phone.Ack(1, Phone.CallerSdp));
        Assert.Equal(Up, _tracked.Streams);
    }

    [Fact]
    public void A_delayed_offer_counts_from_the_18x_on()
    {
        _tracked.Take(_phone.Invite(sdp: null), _phone.Reply(183, 1, Phone.CalleeSdp));
        Assert.Equal(CalleesHalf, _tracked.Streams);
    }

    [Fact]
    public void Where_the_2xx_was_lost_the_offer_stands()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(180, 1), _phone.Ack());

        Assert.Equal(1, _tracked.Count<CallAnswered>());
        Assert.Equal(CallersHalf, _tracked.Streams);
    }

    [Fact]
    public void Where_the_callees_side_was_never_seen_the_offer_stands_too()
    {
        _tracked.Take(_phone.Invite(), _phone.Ack(), _phone.Caller("INVITE", 2, Moved), _phone.Caller("ACK", 2));
        Assert.Equal([.. CallersHalf.Take(1), "0 10.0.0.7:9000>-", "1 ->10.0.0.1:4000", "1 ->10.0.0.7:9000"], _tracked.Streams);
    }

    [Fact]
    public void An_answer_on_a_branch_whose_invite_was_not_seen_names_its_party()
    {
        _tracked.Take(_phone.Invite(sdp: null), _phone.Reply(200, 1, Phone.CalleeSdp, branch: "z9hG4bK-unseen"));
        Assert.Equal(CalleesHalf, _tracked.Streams);
    }

    [Fact]
    public void An_answer_whose_reinvite_never_comes_names_its_party_after_a_second()
    {
        _tracked.Take(_phone.Up());
        Assert.Empty(_tracked.Take(_phone.ReplyToCallee(200, 9, Moved)));
        _tracked.Tick(_phone.Now.AddSeconds(1.1));

        Assert.Equal([Up[0], "0 10.0.0.7:9000>-", Up[1], "1 ->10.0.0.7:9000"], _tracked.Streams);
        Assert.Equal(0, _tracked.Tracker.Drops.Of(SipTracker.Calls.DropReasons.Unclaimed));
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void An_offer_in_the_call_stands_beside_what_is_agreed_until_it_is_answered(string method)
    {
        _tracked.Take(_phone.Up().Append(_phone.Caller(method, 2, Moved)));
        Assert.Equal([Up[0], "0 10.0.0.7:9000>-", Up[1], "1 ->10.0.0.7:9000"], _tracked.Streams);
        _tracked.Take(_phone.Reply(200, 2, Phone.CalleeSdp, method: method));
        Assert.Equal(["0 10.0.0.7:9000>10.0.0.2:5000", "1 10.0.0.2:5000>10.0.0.7:9000"], _tracked.Streams);
    }

    [Theory]
    [InlineData("INVITE", 488)]
    [InlineData("UPDATE", 488)]
    [InlineData("INVITE", 491)]
    [InlineData("INVITE", 408)]
    public void An_offer_that_is_refused_is_withdrawn(string method, int status)
    {
        _tracked.Take(_phone.Up().Append(_phone.Caller(method, 2, Moved)).Append(_phone.Reply(status, 2, method: method)));
        Assert.Equal(Up, _tracked.Streams);
    }

    [Fact]
    public void The_callees_offer_names_the_callees_address()
    {
        _tracked.Take(_phone.Up().Append(_phone.Callee("INVITE", 7, Moved)));
        Assert.Equal([Up[0], "0 ->10.0.0.7:9000", Up[1], "1 10.0.0.7:9000>-"], _tracked.Streams);
    }

    [Fact]
    public void An_offer_whose_answer_was_lost_goes_when_the_next_is_agreed()
    {
        _tracked.Take(_phone.Up().Append(_phone.Caller("INVITE", 2, Moved)));
        _tracked.Take(_phone.Caller("INVITE", 3, "10.0.0.8 9100 RTP/AVP 8"), _phone.Reply(200, 3, Phone.CalleeSdp));
        Assert.Equal(["0 10.0.0.8:9100>10.0.0.2:5000", "1 10.0.0.2:5000>10.0.0.8:9100"], _tracked.Streams);
    }

    [Fact]
    public void A_late_copy_of_an_earlier_answer_brings_nothing_back()
    {
        _tracked.Take(_phone.Up());
        var first = _phone.Reply(200, 2, Moved);
        _tracked.Take(_phone.Caller("INVITE", 2, Phone.CallerSdp), first, _phone.Caller("INVITE", 3, Phone.CallerSdp), _phone.Reply(200, 3, Phone.CalleeSdp));

        Assert.Empty(_tracked.Take(first, _phone.Reply(200, 1, Phone.CalleeSdp)));
        Assert.Equal(Up, _tracked.Streams);
    }

    [Fact]
    public void An_offer_in_a_prack_counts_until_its_200()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(183, 1, Phone.CalleeSdp, headers: "RSeq: 1\r\n"));
        _tracked.Take(_phone.Caller("PRACK", 2, Moved, headers: "RAck: 1 1 INVITE\r\n"));
        Assert.Contains("1 ->10.0.0.7:9000", _tracked.Streams);
        _tracked.Take(_phone.Reply(200, 2, Phone.CalleeSdp, method: "PRACK"), _phone.Reply(200, 1, Phone.CalleeSdp));
        Assert.Equal(["0 10.0.0.7:9000>10.0.0.2:5000", "1 10.0.0.2:5000>10.0.0.7:9000"], _tracked.Streams);
    }

    [Fact]
    public void Alternatives_of_an_offer_are_named_all_and_after_the_answer_the_one()
    {
        _tracked.Take(_phone.Invite("10.0.0.1 4000 RTP/SAVP 8 | 10.0.0.1 4002 RTP/AVP 8"));
        Assert.Equal([("10.0.0.1:4000", true), ("10.0.0.1:4002", false)], _tracked.Media.Streams.Where(s => s.Role == 1).Select(s => (s.Receiver!, s.Encrypted)));
        _tracked.Take(_phone.Reply(200, 1, "10.0.0.2 0 RTP/SAVP 8 | 10.0.0.2 5002 RTP/AVP 8"));
        Assert.Equal(["0 10.0.0.1:4002>10.0.0.2:5002", "1 10.0.0.2:5002>10.0.0.1:4002"], _tracked.Streams);
    }

    [Fact]
    public void A_payload_type_of_the_senders_own_counts_where_the_receivers_has_none()
    {
        _tracked.Take(_phone.Invite("10.0.0.1 4000 RTP/AVP 8 101"), _phone.Reply(200, 1, "10.0.0.2 5000 RTP/AVP 0 8"));
        Assert.Equal(["0 8 101", "8 101 0"], _tracked.Media.Streams.Select(stream => string.Join(' ', stream.Formats.Select(format => format.PayloadType))));
    }

    [Fact]
    public void A_callee_who_answers_from_another_host_is_told_at_its_first_reply()
    {
        _tracked.Take(_phone.Invite());
        var media = Assert.IsType<MediaNegotiated>(Assert.Single(_tracked.Take(_phone.Reply(100, 1) with { Source = "[2001:db8::5]:5060" })));
        Assert.Equal(["10.0.0.2", "2001:db8::5"], media.CalleeHosts);
        Assert.Empty(_tracked.Take(_phone.Reply(180, 1) with { Source = "10.0.0.77:5060" }));
        _tracked.Take(_phone.Reply(200, 1, Phone.CalleeSdp));
        Assert.Equal(["10.0.0.2", "2001:db8::5", "10.0.0.77"], _tracked.Media.CalleeHosts);
    }

    [Fact]
    public void Of_the_hosts_of_a_role_the_latest_four_are_kept()
    {
        _tracked.Take(_phone.Invite());
        for (int i = 1; i < 9; i++)
            _tracked.Take(_phone.Reply(180, 1) with { Source = $"10.0.1.{i}:5060" });
        _tracked.Take(_phone.Reply(200, 1, Phone.CalleeSdp));
        Assert.Equal(["10.0.1.6", "10.0.1.7", "10.0.1.8", "10.0.0.2"], _tracked.Media.CalleeHosts);
    }
}
