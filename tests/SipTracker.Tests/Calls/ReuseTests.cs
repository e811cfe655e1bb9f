using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.SipTracker.Calls;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>What makes another call of a Call-ID, and what goes on with the one it has (RFC 3261 §8.1.1.4, §8.2.2, §12, §22.2).</summary>
public class ReuseTests
{
    private readonly Phone _phone = new();
    private readonly Tracked _tracked = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Another_from_tag_after_a_challenge_is_the_same_caller(uint cseq)
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(407, 1, tag: "p"), _phone.Caller("ACK", 1, to: "p"));
        var again = new Phone(callerTag: "after").After(0.1);
        _tracked.Take(again.Invite(cseq: cseq, branch: "z9hG4bK-again"), again.Reply(200, cseq, Phone.CalleeSdp, branch: "z9hG4bK-again"), again.Ack(cseq));
        _tracked.Take(_phone.Invite(), _phone.Reply(407, 1, tag: "p"));
        _tracked.Take(again.Caller("BYE", cseq + 1));

        Assert.Equal((1, 1, EndReason.Bye), (_tracked.Count<CallStarted>(), _tracked.Count<CallAnswered>(), _tracked.Single<CallEnded>().Reason));
        Assert.Equal("sip:alice@pbx", _tracked.Media.From);
    }

    [Theory]
    [InlineData("z9hG4bK-a1")]
    [InlineData("z9hG4bK-other")]
    public void The_same_cseq_with_credentials_is_the_next_try(string branch)
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(401, 1, tag: "p"), _phone.Caller("ACK", 1, to: "p", branch: "z9hG4bK-a1"));
        _tracked.Take(_phone.Invite(branch: branch, headers: "Authorization: Digest x\r\n"));
        _tracked.Tick(_phone.Now.AddSeconds(10));
        _tracked.Take(_phone.After(11).Reply(200, 1, Phone.CalleeSdp, branch: branch));

        Assert.Equal((1, 1, 0), (_tracked.Count<CallStarted>(), _tracked.Count<CallAnswered>(), _tracked.Count<CallEnded>()));
    }

    [Fact]
    public void Wrong_credentials_under_the_same_cseq_end_the_call()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(401, 1), _phone.Invite(branch: "two", headers: "Authorization: Digest x\r\n"), _phone.Reply(401, 1, branch: "two"));
        Assert.Equal(401, _tracked.Single<CallEnded>().StatusCode);
    }

    [Fact]
    public void Another_from_tag_after_a_failure_is_another_call()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(403, 1));
        var again = new Phone(callerTag: "after").After(0.1);
        _tracked.Take(again.Invite(cseq: 2), again.Reply(200, 2, Phone.CalleeSdp));
        Assert.Equal((2, 1, 1), (_tracked.Count<CallStarted>(), _tracked.Count<CallAnswered>(), _tracked.Count<CallEnded>()));
    }

    [Fact]
    public void The_new_target_of_a_302_is_a_call_of_its_own_epoch()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(183, 1, Phone.CalleeSdp), _phone.Reply(302, 1), _phone.Ack());
        var next = _phone.Invite(cseq: 2);
        _tracked.Take(next, _phone.Reply(200, 2, "10.0.0.3 6000 RTP/AVP 8", tag: "c"));
        Assert.Equal((next.CapturedAt, "10.0.0.3:6000", 2), (_tracked.Media.StartedAt, _tracked.Media.Streams[0].Receiver, _tracked.Media.Version));
        Assert.Equal(302, _tracked.Single<CallEnded>().StatusCode);
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("a", "b2")]
    [InlineData("a2", "b2")]
    public void A_call_id_used_again_after_the_bye_is_another_call_and_late_copies_leave_it_alone(string callerTag, string calleeTag)
    {
        _tracked.Take(_phone.Up());
        var bye = _phone.Caller("BYE", 2);
        _tracked.Take(bye);
        var next = new Phone(callerTag: callerTag, calleeTag: calleeTag).After(0.3);
        _tracked.Take(next.Invite(cseq: 3), bye with { CapturedAt = next.Now }, next.Reply(180, 3), _phone.Callee("BYE", 9) with { CapturedAt = next.Now });
        int expected = calleeTag == "b" ? 2 : 1;
        Assert.Equal((2, expected), (_tracked.Count<CallStarted>(), _tracked.Count<CallEnded>()));
        if (expected == 1)
            _tracked.Take(next.Reply(200, 3, Phone.CalleeSdp), next.Ack(3), bye with { CapturedAt = next.Now });
        Assert.Equal(expected, _tracked.Count<CallEnded>());
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(30)]
    [InlineData(3000)]
    public void The_same_caller_who_calls_again_has_hung_up_though_the_bye_was_lost(double later)
    {
        _tracked.Take(_phone.Up());
        var next = _phone.After(later).Invite("10.0.0.1 4400 RTP/AVP 8", cseq: 5);
        _tracked.Take(next, _phone.Reply(200, 5, "10.0.0.2 5500 RTP/AVP 8", tag: "b2"));

        var ended = _tracked.Single<CallEnded>();
        Assert.Equal((EndReason.Timeout, next.CapturedAt), (ended.Reason, ended.At));
        Assert.Equal((2, 2), (_tracked.Count<CallStarted>(), _tracked.Count<CallAnswered>()));
        Assert.Equal((next.CapturedAt, "10.0.0.2:5500"), (_tracked.Media.StartedAt, _tracked.Media.Streams[0].Receiver));
        Assert.True(_tracked.Events.IndexOf(ended) < _tracked.Events.FindLastIndex(e => e is CallStarted));
    }

    [Fact]
    public void Another_from_tag_while_media_runs_is_left_alone_and_once_it_is_silent_it_is_the_next_call()
    {
        _tracked.Take(_phone.Up());
        _tracked.Tracker.Handle(new MediaRunning { CaptureId = "c", Sequence = 1, CallId = "call-1", StartedAt = Phone.Epoch.AddSeconds(0.01), At = _phone.Now });
        var next = new Phone(callerTag: "a2", calleeTag: "b2").After(10);
        _tracked.Take(next.Invite());
        Assert.Equal((1, 1), (_tracked.Count<CallStarted>(), (int)_tracked.Tracker.Drops.Of(DropReasons.ForeignDialog)));
        _tracked.Take(next.After(20).Invite(), next.Reply(200, 1, Phone.CalleeSdp));
        Assert.Equal((2, EndReason.Timeout), (_tracked.Count<CallStarted>(), _tracked.Single<CallEnded>().Reason));
    }

    [Fact]
    public void A_peer_without_to_tag_is_called_again_within_the_dialog()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(200, 1, Phone.CalleeSdp, tag: null), _phone.Caller("ACK", 1, to: null));
        _tracked.Take(_phone.Caller("INVITE", 2, "10.0.0.1 4444 RTP/AVP 8", to: null), _phone.Reply(200, 2, "10.0.0.2 5555 RTP/AVP 8", tag: null), _phone.Caller("ACK", 2, to: null));

        Assert.Equal((1, 1), (_tracked.Count<CallStarted>(), _tracked.Count<CallAnswered>()));
        Assert.Equal(["0 10.0.0.1:4444>10.0.0.2:5555", "1 10.0.0.2:5555>10.0.0.1:4444"], _tracked.Streams);
        _tracked.Take(_phone.Caller("BYE", 3, to: null));
        Assert.Equal((EndReason.Bye, 0), (_tracked.Single<CallEnded>().Reason, _tracked.Single<CallEnded>().By));
    }
}
