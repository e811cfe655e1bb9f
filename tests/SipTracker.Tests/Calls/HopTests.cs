using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>A call that the mirror shows on both sides of a proxy that relays media (RFC 7092 §3.2.1): each hop has addresses of its own.</summary>
public class HopTests
{
    private const string RelayUp = "10.0.9.1 32000 RTP/AVP 8 101";
    private const string RelayDown = "10.0.9.2 30000 RTP/AVP 8 0 101";

    private static readonly string[] Both =
    [
        "0 10.0.9.2:30000>10.0.0.2:5000", "0 10.0.0.1:4000>10.0.9.1:32000", "1 10.0.0.2:5000>10.0.9.2:30000", "1 10.0.9.1:32000>10.0.0.1:4000",
    ];

    private readonly Phone _phone = new();
    private readonly Tracked _tracked = new();

    [Fact]
    public void The_streams_of_all_hops_are_named_together()
    {
        Answered();

        Assert.Equal(Both.Order(), _tracked.Streams.Order());
        Assert.Equal((1, 1), (_tracked.Count<CallStarted>(), _tracked.Count<CallAnswered>()));
        Assert.Equal(["10.0.0.1", "10.0.9.2"], _tracked.Media.CallerHosts);
        Assert.Equal(["10.0.9.1", "10.0.0.2"], _tracked.Media.CalleeHosts);
    }

    [Fact]
    public void The_offer_of_the_second_hop_stands_beside_that_of_the_first()
    {
        _tracked.Take(Up(_phone.Invite(branch: "up")), Down(_phone.Invite(RelayDown, branch: "down")));
        Assert.Equal(["0 10.0.0.1:4000>-", "0 10.0.9.2:30000>-", "1 ->10.0.0.1:4000", "1 ->10.0.9.2:30000"], _tracked.Streams);
    }

    [Fact]
    public void Where_the_answer_of_one_hop_was_lost_its_offer_stands()
    {
        _tracked.Take(Up(_phone.Invite(branch: "up")), Down(_phone.Invite(RelayDown, branch: "down")), Down(_phone.Reply(200, 1, Phone.CalleeSdp, branch: "down")));
        Assert.Equal(["0 10.0.9.2:30000>10.0.0.2:5000", "0 10.0.0.1:4000>-", "1 10.0.0.2:5000>10.0.9.2:30000", "1 ->10.0.0.1:4000"], _tracked.Streams);
    }

    [Fact]
    public void A_response_that_overtakes_its_hops_invite_is_that_hops()
    {
        _tracked.Take(Up(_phone.Invite(branch: "up")), Down(_phone.Reply(200, 1, Phone.CalleeSdp, branch: "down")), Down(_phone.Invite(RelayDown, branch: "down")));
        _tracked.Take(Up(_phone.Reply(200, 1, RelayUp, branch: "up")));
        Assert.Equal(Both.Order(), _tracked.Streams.Order());
    }

    [Fact]
    public void A_reinvite_changes_hop_by_hop()
    {
        Answered();
        _tracked.Take(Up(_phone.Caller("INVITE", 2, "10.0.0.1 4444 RTP/AVP 8", branch: "up2")), Down(_phone.Caller("INVITE", 2, "10.0.9.2 30002 RTP/AVP 8", branch: "down2")));
        _tracked.Take(Down(_phone.Reply(200, 2, "10.0.0.2 5555 RTP/AVP 8", branch: "down2")));
        Assert.Contains("0 10.0.0.1:4000>10.0.9.1:32000", _tracked.Streams);
        _tracked.Take(Up(_phone.Reply(200, 2, "10.0.9.1 32002 RTP/AVP 8", branch: "up2")));

        Assert.Equal(
            ["0 10.0.0.1:4444>10.0.9.1:32002", "0 10.0.9.2:30002>10.0.0.2:5555", "1 10.0.0.2:5555>10.0.9.2:30002", "1 10.0.9.1:32002>10.0.0.1:4444"],
            _tracked.Streams.Order());
    }

    [Fact]
    public void A_reinvite_that_is_refused_on_both_hops_changes_nothing()
    {
        Answered();
        _tracked.Take(Up(_phone.Caller("INVITE", 2, "10.0.0.1 4444 RTP/AVP 8", branch: "up2")), Down(_phone.Caller("INVITE", 2, "10.0.9.2 30002 RTP/AVP 8", branch: "down2")));
        _tracked.Take(Down(_phone.Reply(488, 2, branch: "down2")), Up(_phone.Reply(488, 2, branch: "up2")));
        Assert.Equal(Both.Order(), _tracked.Streams.Order());
    }

    [Fact]
    public void A_delayed_offer_is_answered_hop_by_hop()
    {
        _tracked.Take(Up(_phone.Invite(sdp: null, branch: "up")), Down(_phone.Invite(sdp: null, branch: "down")));
        _tracked.Take(Down(_phone.Reply(200, 1, Phone.CalleeSdp, branch: "down")), Up(_phone.Reply(200, 1, RelayUp, branch: "up")));
        _tracked.Take(Up(_phone.Caller("ACK", 1, Phone.CallerSdp, branch: "up-ack")), Down(_phone.Caller("ACK", 1, RelayDown, branch: "down-ack")));
        Assert.Equal(Both.Order(), _tracked.Streams.Order());
    }

    [Fact]
    public void A_proxy_that_leaves_descriptions_alone_gives_the_streams_of_one_hop()
    {
        _tracked.Take(Up(_phone.Invite(branch: "up")), Down(_phone.Invite(branch: "down")));
        _tracked.Take(Down(_phone.Reply(200, 1, Phone.CalleeSdp, branch: "down")), Up(_phone.Reply(200, 1, Phone.CalleeSdp, branch: "up")));
        Assert.Equal(["0 10.0.0.1:4000>10.0.0.2:5000", "1 10.0.0.2:5000>10.0.0.1:4000"], _tracked.Streams);
        Assert.Equal(2, _tracked.Count<MediaNegotiated>());
    }

    [Fact]
    public void Later_requests_that_pass_the_proxy_by_take_the_place_of_all()
    {
        _tracked.Take(Up(_phone.Invite(branch: "up")), Down(_phone.Invite(branch: "down")));
        _tracked.Take(Down(_phone.Reply(200, 1, Phone.CalleeSdp, branch: "down")), Up(_phone.Reply(200, 1, Phone.CalleeSdp, branch: "up")));
        _tracked.Take(_phone.Caller("INVITE", 2, "10.0.0.1 4444 RTP/AVP 8"), _phone.Reply(200, 2, "10.0.0.2 5555 RTP/AVP 8"));
        Assert.Equal(["0 10.0.0.1:4444>10.0.0.2:5555", "1 10.0.0.2:5555>10.0.0.1:4444"], _tracked.Streams);
    }

    private void Answered()
    {
        _tracked.Take(Up(_phone.Invite(branch: "up")), Down(_phone.Invite(RelayDown, branch: "down")));
        _tracked.Take(Down(_phone.Reply(180, 1, branch: "down")), Up(_phone.Reply(180, 1, branch: "up")));
        _tracked.Take(Down(_phone.Reply(200, 1, Phone.CalleeSdp, branch: "down")), Up(_phone.Reply(200, 1, RelayUp, branch: "up")));
        _tracked.Take(Up(_phone.Caller("ACK", 1, branch: "up-ack")), Down(_phone.Caller("ACK", 1, branch: "down-ack")));
    }

    private static SipMessageCaptured Up(SipMessageCaptured message) => Between(message, "10.0.0.1:5060", "10.0.9.1:5060");

    private static SipMessageCaptured Down(SipMessageCaptured message) => Between(message, "10.0.9.2:5060", "10.0.0.2:5060");

    private static SipMessageCaptured Between(SipMessageCaptured message, string caller, string callee) =>
        message.Source == "10.0.0.1:5060" ? message with { Source = caller, Destination = callee } : message with { Source = callee, Destination = caller };
}
