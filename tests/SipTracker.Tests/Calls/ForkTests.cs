using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>An INVITE that several phones answer (RFC 3261 §12.1, §13.2.2.4, §16.7).</summary>
public class ForkTests
{
    private const string SdpOfX = "10.0.0.3 6000 RTP/AVP 8";
    private const string SdpOfY = "10.0.0.4 7000 RTP/AVP 8";

    private readonly Phone _phone = new();
    private readonly Tracked _tracked = new();

    [Fact]
    public void Each_early_dialog_has_media_of_its_own()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(183, 1, SdpOfX, tag: "x"), _phone.Reply(183, 1, SdpOfY, tag: "y"));

        Assert.Equal([(1, "10.0.0.3:6000"), (2, "10.0.0.4:7000")], _tracked.Events.OfType<MediaNegotiated>().Select(m => (m.Version, m.Streams[0].Receiver)));
    }

    [Fact]
    public void Repeated_early_responses_of_several_forks_say_nothing_new()
    {
        _tracked.Take(_phone.Invite());
        for (int i = 0; i < 3; i++)
            _tracked.Take(_phone.Reply(183, 1, SdpOfX, tag: "x"), _phone.Reply(183, 1, SdpOfY, tag: "y"));

        Assert.Equal(2, _tracked.Count<MediaNegotiated>());
    }

    [Fact]
    public void The_winners_media_is_told_again_when_another_fork_spoke_last()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(183, 1, SdpOfX, tag: "x"), _phone.Reply(183, 1, SdpOfY, tag: "y"), _phone.Reply(200, 1, tag: "x"));

        Assert.Equal("10.0.0.3:6000", _tracked.Events.OfType<MediaNegotiated>().Last().Streams[0].Receiver);
        Assert.Equal(3, _tracked.Count<MediaNegotiated>());
    }

    [Fact]
    public void The_first_2xx_wins_and_the_loser_changes_nothing()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(200, 1, SdpOfX, tag: "x"), _phone.Reply(200, 1, SdpOfY, tag: "y"));
        _tracked.Take(_phone.Caller("ACK", 1, to: "x"), _phone.Caller("ACK", 1, to: "y"), _phone.Caller("BYE", 2, to: "y"));

        Assert.Equal(1, _tracked.Count<CallAnswered>());
        Assert.Equal("10.0.0.3:6000", _tracked.Single<MediaNegotiated>().Streams[0].Receiver);
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Take(_phone.Callee("BYE", 1, tag: "x"));
        Assert.Equal(1, _tracked.Count<CallEnded>());
    }

    [Fact]
    public void Bye_to_one_of_several_early_dialogs_leaves_the_others()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(180, 1, tag: "x"), _phone.Reply(180, 1, tag: "y"), _phone.Caller("BYE", 2, to: "x"));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Take(_phone.Caller("BYE", 3, to: "y"));

        Assert.Equal(1, _tracked.Count<CallEnded>());
    }

    [Fact]
    public void The_failure_and_the_cancel_of_one_branch_of_a_proxy_do_not_end_the_call()
    {
        _tracked.Take(_phone.Invite(), _phone.Invite(branch: "z9hG4bK-fork1"), _phone.Invite(branch: "z9hG4bK-fork2"));
        _tracked.Take(_phone.Reply(486, 1, tag: "x", branch: "z9hG4bK-fork1"), _phone.Caller("ACK", 1, to: "x", branch: "z9hG4bK-fork1"));
        _tracked.Take(_phone.Caller("CANCEL", 1, to: null, branch: "z9hG4bK-fork2"), _phone.Reply(487, 1, tag: "y", branch: "z9hG4bK-fork2"));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        Assert.Equal(0, _tracked.Count<CallAnswered>());

        _tracked.Take(_phone.Reply(486, 1, tag: "x"));
        Assert.Equal(486, _tracked.Single<CallEnded>().StatusCode);
    }
}
