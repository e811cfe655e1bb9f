using CallMirror.Contracts.Calls;
using Xunit;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>An INVITE that several phones answer (RFC 3261 §12.1, §13.2.2.4, §16.7).</summary>
public class ForkTests
{
    private const string SdpOfX = "10.0.0.3 6000 RTP/AVP 8";
    private const string SdpOfY = "10.0.0.4 7000 RTP/AVP 8";

    private readonly Phone phone = new();
    private readonly Tracked tracked = new();

    [Fact]
    public void Each_early_dialog_has_media_of_its_own()
    {
        tracked.Take(phone.Invite(), phone.Reply(183, 1, SdpOfX, tag: "x"), phone.Reply(183, 1, SdpOfY, tag: "y"));

        Assert.Equal([(1, "10.0.0.3:6000"), (2, "10.0.0.4:7000")], tracked.Events.OfType<MediaNegotiated>().Select(m => (m.Version, m.Streams[0].Receiver)));
    }

    [Fact]
    public void Repeated_early_responses_of_several_forks_say_nothing_new()
    {
        tracked.Take(phone.Invite());
        for (int i = 0; i < 3; i++)
            tracked.Take(phone.Reply(183, 1, SdpOfX, tag: "x"), phone.Reply(183, 1, SdpOfY, tag: "y"));

        Assert.Equal(2, tracked.Count<MediaNegotiated>());
    }

    [Fact]
    public void The_winners_media_is_told_again_when_another_fork_spoke_last()
    {
        tracked.Take(phone.Invite(), phone.Reply(183, 1, SdpOfX, tag: "x"), phone.Reply(183, 1, SdpOfY, tag: "y"), phone.Reply(200, 1, tag: "x"));

        Assert.Equal("10.0.0.3:6000", tracked.Events.OfType<MediaNegotiated>().Last().Streams[0].Receiver);
        Assert.Equal(3, tracked.Count<MediaNegotiated>());
    }

    [Fact]
    public void The_first_2xx_wins_and_the_loser_changes_nothing()
    {
        tracked.Take(phone.Invite(), phone.Reply(200, 1, SdpOfX, tag: "x"), phone.Reply(200, 1, SdpOfY, tag: "y"));
        tracked.Take(phone.Caller("ACK", 1, to: "x"), phone.Caller("ACK", 1, to: "y"), phone.Caller("BYE", 2, to: "y"));

        Assert.Equal(1, tracked.Count<CallAnswered>());
        Assert.Equal("10.0.0.3:6000", tracked.Single<MediaNegotiated>().Streams[0].Receiver);
        Assert.Equal(0, tracked.Count<CallEnded>());
        tracked.Take(phone.Callee("BYE", 1, tag: "x"));
        Assert.Equal(1, tracked.Count<CallEnded>());
    }

    [Fact]
    public void Bye_to_one_of_several_early_dialogs_leaves_the_others()
    {
        tracked.Take(phone.Invite(), phone.Reply(180, 1, tag: "x"), phone.Reply(180, 1, tag: "y"), phone.Caller("BYE", 2, to: "x"));
        Assert.Equal(0, tracked.Count<CallEnded>());
        tracked.Take(phone.Caller("BYE", 3, to: "y"));

        Assert.Equal(1, tracked.Count<CallEnded>());
    }

    [Fact]
    public void The_failure_and_the_cancel_of_one_branch_of_a_proxy_do_not_end_the_call()
    {
        tracked.Take(phone.Invite(), phone.Invite(branch: "z9hG4bK-fork1"), phone.Invite(branch: "z9hG4bK-fork2"));
        tracked.Take(phone.Reply(486, 1, tag: "x", branch: "z9hG4bK-fork1"), phone.Caller("ACK", 1, to: "x", branch: "z9hG4bK-fork1"));
        tracked.Take(phone.Caller("CANCEL", 1, to: null, branch: "z9hG4bK-fork2"), phone.Reply(487, 1, tag: "y", branch: "z9hG4bK-fork2"));
        Assert.Equal(0, tracked.Count<CallEnded>());
        Assert.Equal(0, tracked.Count<CallAnswered>());

        tracked.Take(phone.Reply(486, 1, tag: "x"));
        Assert.Equal(486, tracked.Single<CallEnded>().StatusCode);
    }
}
