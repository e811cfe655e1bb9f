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

        Assert.Equal(["10.0.0.3:6000", "10.0.0.3:6000 10.0.0.4:7000"], _tracked.Agreed.Select(media => string.Join(' ', media.Streams.Where(stream => stream.Role == 0).Select(stream => stream.Receiver))));
    }

    [Fact]
    public void Repeated_early_responses_of_several_forks_say_nothing_new()
    {
        _tracked.Take(_phone.Invite());
        for (int i = 0; i < 3; i++)
            _tracked.Take(_phone.Reply(183, 1, SdpOfX, tag: "x"), _phone.Reply(183, 1, SdpOfY, tag: "y"));

        Assert.Equal(2, _tracked.Agreed.Count());
    }

    [Fact]
    public void The_winners_media_is_told_again_when_another_fork_spoke_last()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(183, 1, SdpOfX, tag: "x"), _phone.Reply(183, 1, SdpOfY, tag: "y"), _phone.Reply(200, 1, tag: "x"));

        Assert.Equal(["0 10.0.0.1:4000>10.0.0.3:6000", "1 10.0.0.3:6000>10.0.0.1:4000"], _tracked.Streams);
        Assert.Equal(3, _tracked.Agreed.Count());
    }

    [Fact]
    public void The_first_2xx_wins_and_the_loser_changes_nothing()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(200, 1, SdpOfX, tag: "x"), _phone.Reply(200, 1, SdpOfY, tag: "y"));
        _tracked.Take(_phone.Caller("ACK", 1, to: "x"), _phone.Caller("ACK", 1, to: "y"), _phone.Caller("BYE", 2, to: "y"));

        Assert.Equal(1, _tracked.Count<CallAnswered>());
        Assert.Equal("10.0.0.3:6000", Assert.Single(_tracked.Agreed).Streams[0].Receiver);
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

    [Theory]
    [InlineData(486)]
    [InlineData(480)]
    [InlineData(408)]
    [InlineData(503)]
    [InlineData(302)]
    public void Of_parallel_branches_below_a_proxy_one_fails_and_the_other_answers(int status)
    {
        _tracked.Take(_phone.Invite(branch: "x"), _phone.Invite(branch: "y"));
        _tracked.Take(_phone.Reply(183, 1, SdpOfX, tag: "x", branch: "x"), _phone.Reply(status, 1, tag: "x", branch: "x"));
        Assert.Equal(["0 10.0.0.1:4000>-", "1 ->10.0.0.1:4000"], _tracked.Streams);
        _tracked.Take(_phone.Reply(200, 1, SdpOfY, tag: "y", branch: "y"), _phone.Caller("ACK", 1, to: "y"));

        Assert.Equal((1, 1, 0), (_tracked.Count<CallStarted>(), _tracked.Count<CallAnswered>(), _tracked.Count<CallEnded>()));
        Assert.Equal("10.0.0.4:7000", _tracked.Media.Streams[0].Receiver);
    }

    [Fact]
    public void The_call_fails_when_the_last_of_its_branches_has()
    {
        _tracked.Take(_phone.Invite(branch: "x"), _phone.Invite(branch: "y"), _phone.Reply(486, 1, tag: "x", branch: "x"));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Take(_phone.Reply(480, 1, tag: "y", branch: "y"));
        Assert.Equal((EndReason.Failed, 480), (_tracked.Single<CallEnded>().Reason, _tracked.Single<CallEnded>().StatusCode));
    }

    [Fact]
    public void A_branch_without_any_response_does_not_keep_the_call_for_long()
    {
        _tracked.Take(_phone.Invite(branch: "dead"));
        _phone.After(33);
        _tracked.Take(_phone.Invite(branch: "y"), _phone.Reply(503, 1, tag: "y", branch: "y"));
        Assert.Equal(503, _tracked.Single<CallEnded>().StatusCode);
    }

    [Fact]
    public void Where_one_target_refuses_and_another_never_answers_the_call_has_failed_when_its_sender_gives_up()
    {
        var dead = _phone.Invite(branch: "dead");
        _tracked.Take(dead, _phone.Invite(branch: "y"), _phone.Reply(100, 1, branch: "y"), _phone.Reply(486, 1, tag: "y", branch: "y"));
        _tracked.Tick(dead.CapturedAt.AddSeconds(31.9));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Tick(dead.CapturedAt.AddSeconds(60));

        var ended = _tracked.Single<CallEnded>();
        Assert.Equal((EndReason.Failed, 486, dead.CapturedAt.AddSeconds(32)), (ended.Reason, ended.StatusCode, ended.At));
    }

    [Fact]
    public void What_answers_the_hop_above_ends_the_hops_below()
    {
        _tracked.Take(_phone.Invite(branch: "up"), _phone.Invite(branch: "down", headers: "Via: SIP/2.0/UDP h;branch=up\r\n"), _phone.Reply(486, 1, branch: "up"));
        Assert.Equal(486, _tracked.Single<CallEnded>().StatusCode);
    }

    [Fact]
    public void A_serial_fork_seen_on_both_sides_of_the_proxy_is_one_call()
    {
        const string Below = "Via: SIP/2.0/UDP h;branch=up\r\n";
        _tracked.Take(_phone.Invite(branch: "up"), _phone.Invite(branch: "one", headers: Below), _phone.Reply(503, 1, tag: "x", branch: "one"));
        _tracked.Take(_phone.Invite(branch: "two", headers: Below), _phone.Reply(200, 1, SdpOfY, tag: "y", branch: "two"), _phone.Reply(200, 1, SdpOfY, tag: "y", branch: "up"));
        _tracked.Take(_phone.Caller("BYE", 2, to: "y"));

        Assert.Equal((1, 1, EndReason.Bye), (_tracked.Count<CallStarted>(), _tracked.Count<CallAnswered>(), _tracked.Single<CallEnded>().Reason));
        Assert.Equal(["0 10.0.0.1:4000>10.0.0.4:7000", "1 10.0.0.4:7000>10.0.0.1:4000"], _tracked.Streams);
    }

    [Theory]
    [InlineData(503, EndReason.Failed)]
    [InlineData(408, EndReason.Failed)]
    [InlineData(302, EndReason.Failed)]
    [InlineData(487, EndReason.Cancelled)]
    public void The_next_target_after_one_that_failed_is_a_call_of_its_own(int status, EndReason reason)
    {
        _tracked.Take(_phone.Invite(branch: "one"), _phone.Reply(status, 1, tag: "x", branch: "one"), _phone.Caller("ACK", 1, to: "x", branch: "one"));
        var next = _phone.Invite(branch: "two");
        _tracked.Take(next, _phone.Reply(200, 1, SdpOfY, tag: "y", branch: "two"), _phone.Caller("ACK", 1, to: "y"));
        // A late copy of what is over.
        _tracked.Take(_phone.Reply(status, 1, tag: "x", branch: "one"), _phone.Invite(branch: "one"), _phone.Caller("BYE", 2, to: "x"));

        Assert.Equal((2, 1, reason), (_tracked.Count<CallStarted>(), _tracked.Count<CallAnswered>(), _tracked.Single<CallEnded>().Reason));
        Assert.Equal((next.CapturedAt, "10.0.0.4:7000"), (_tracked.Media.StartedAt, _tracked.Media.Streams[0].Receiver));
        _tracked.Take(_phone.Caller("BYE", 2, to: "y"));
        Assert.Equal((EndReason.Bye, next.CapturedAt), (_tracked.Events.OfType<CallEnded>().Last().Reason, _tracked.Events.OfType<CallEnded>().Last().StartedAt));
    }

    [Fact]
    public void A_target_that_is_tried_before_the_last_ones_487_is_the_same_call()
    {
        _tracked.Take(_phone.Invite(branch: "one"), _phone.Reply(180, 1, tag: "x", branch: "one"), _phone.Caller("CANCEL", 1, to: null, branch: "one"));
        _tracked.Take(_phone.Invite(branch: "two"), _phone.Reply(487, 1, tag: "x", branch: "one"));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Take(_phone.Reply(200, 1, SdpOfY, tag: "y", branch: "two"));
        Assert.Equal((1, 1), (_tracked.Count<CallStarted>(), _tracked.Count<CallAnswered>()));
    }

    [Fact]
    public void Cancel_of_all_branches_cancels_the_call()
    {
        _tracked.Take(_phone.Invite(branch: "x"), _phone.Invite(branch: "y"), _phone.Caller("CANCEL", 1, to: null, branch: "x"), _phone.Caller("CANCEL", 1, to: null, branch: "y"));
        _tracked.Tick(_phone.Now.AddSeconds(33));
        Assert.Equal(EndReason.Cancelled, _tracked.Single<CallEnded>().Reason);
    }

    [Fact]
    public void An_ack_to_the_failure_of_a_branch_is_no_answer()
    {
        _tracked.Take(_phone.Invite(branch: "x"), _phone.Invite(branch: "y"), _phone.Reply(486, 1, tag: "x", branch: "x"), _phone.Caller("ACK", 1, to: "x", branch: "another"));
        Assert.Equal(0, _tracked.Count<CallAnswered>());
    }

    [Fact]
    public void At_the_answer_a_losing_fork_is_named_no_more_even_if_it_rings_on()
    {
        _tracked.Take(_phone.Invite("10.0.0.5 3000 RTP/AVP 8", branch: "x"), _phone.Invite("10.0.0.5 3002 RTP/AVP 8", branch: "y"));
        _tracked.Take(_phone.Reply(183, 1, SdpOfX, tag: "x", branch: "x"), _phone.Reply(183, 1, SdpOfY, tag: "y", branch: "y"));
        Assert.Equal(4, _tracked.Media.Streams.Count);
        _tracked.Take(_phone.Reply(200, 1, SdpOfX, tag: "x", branch: "x"));
        Assert.Equal(["0 10.0.0.5:3000>10.0.0.3:6000", "1 10.0.0.3:6000>10.0.0.5:3000"], _tracked.Streams);
    }

    [Fact]
    public void Where_the_caller_keeps_the_second_2xx_the_call_goes_on_with_it()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(200, 1, SdpOfX, tag: "x"), _phone.Reply(200, 1, SdpOfY, tag: "y"));
        _tracked.Take(_phone.Caller("ACK", 1, to: "x"), _phone.Caller("BYE", 2, to: "x"), _phone.Reply(200, 2, tag: "x", method: "BYE"));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        Assert.Equal(["0 10.0.0.1:4000>10.0.0.4:7000", "1 10.0.0.4:7000>10.0.0.1:4000"], _tracked.Streams);
        _tracked.Take(_phone.Caller("BYE", 2, to: "y"));
        Assert.Equal(1, _tracked.Count<CallEnded>());
    }

    [Fact]
    public void Where_both_are_hung_up_but_one_bye_was_lost_the_call_ends_with_its_media()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(200, 1, SdpOfX, tag: "x"), _phone.Reply(200, 1, SdpOfY, tag: "y"), _phone.Caller("BYE", 2, to: "x"));
        _tracked.Tick(_phone.Now.AddSeconds(31));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Tick(_phone.Now.AddSeconds(33));
        Assert.Equal(EndReason.Timeout, _tracked.Single<CallEnded>().Reason);
    }

    [Fact]
    public void A_second_2xx_that_was_not_seen_hung_up_does_not_outlive_the_call()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(200, 1, SdpOfX, tag: "x"), _phone.Reply(200, 1, SdpOfY, tag: "y"));
        _phone.After(60);
        _tracked.Take(_phone.Caller("BYE", 2, to: "x"));
        Assert.Equal(1, _tracked.Count<CallEnded>());
    }
}
