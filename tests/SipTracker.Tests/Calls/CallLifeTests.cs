using CallMirror.Contracts.Calls;
using CallMirror.SipTracker.Calls;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>How calls start, are answered and end.</summary>
public class CallLifeTests
{
    private readonly Phone _phone = new();
    private readonly Tracked _tracked = new();

    [Fact]
    public void An_answered_call_ends_with_bye()
    {
        _tracked.Take(_phone.Up());
        var bye = _phone.Callee("BYE", 1);
        _tracked.Take(bye, _phone.ReplyToCallee(200, 1, method: "BYE"));

        Assert.Equal(["CallStarted", "MediaNegotiated", "CallAnswered", "MediaNegotiated", "CallEnded"], _tracked.Events.Select(e => e.GetType().Name));
        var ended = _tracked.Single<CallEnded>();
        Assert.Equal((EndReason.Bye, null, 1, bye.CapturedAt), (ended.Reason, ended.StatusCode, ended.By, ended.At));
    }

    [Fact]
    public void The_start_says_who_calls_whom_from_where()
    {
        var invite = _phone.Invite();
        _tracked.Take(invite);

        var started = _tracked.Single<CallStarted>();
        Assert.Equal(("call-1", "sip:alice@pbx", "sip:bob@pbx"), (started.CallId, started.From, started.To));
        Assert.Equal(("10.0.0.1:5060", "10.0.0.2:5060", invite.CapturedAt), (started.Source, started.Destination, started.At));
        Assert.Null(started.CorrelationId);
    }

    [Fact]
    public void Retransmissions_and_mirror_duplicates_say_nothing_new()
    {
        var once = _phone.Up().Append(_phone.Caller("BYE", 2)).Append(_phone.Reply(200, 2, method: "BYE")).ToList();
        _tracked.Take(once.SelectMany(message => new[] { message, message, message with { Source = "192.0.2.1:1", Destination = "192.0.2.2:2" } }));

        Assert.Equal(5, _tracked.Events.Count);
    }

    [Fact]
    public void Cancel_before_answer_ends_the_call_as_cancelled()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(180, 1), _phone.Caller("CANCEL", 1, to: null), _phone.Reply(200, 1, method: "CANCEL"));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Take(_phone.Reply(487, 1), _phone.Caller("ACK", 1, branch: "z9hG4bK-a1"));

        var ended = _tracked.Single<CallEnded>();
        Assert.Equal((EndReason.Cancelled, 487, 0), (ended.Reason, ended.StatusCode, ended.By));
    }

    [Fact]
    public void Cancel_that_crosses_the_answer_leaves_the_call_up()
    {
        _tracked.Take(_phone.Invite(), _phone.Caller("CANCEL", 1, to: null), _phone.Reply(200, 1, Phone.CalleeSdp));

        Assert.Equal(1, _tracked.Count<CallAnswered>());
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Take(_phone.Caller("BYE", 2));
        Assert.Equal(EndReason.Bye, _tracked.Single<CallEnded>().Reason);
    }

    [Fact]
    public void Cancel_without_a_487_ends_the_call_after_32_seconds()
    {
        _tracked.Take(_phone.Invite(), _phone.Caller("CANCEL", 1, to: null));
        var cancelled = _phone.Now;

        Assert.Empty(_tracked.Tick(cancelled.AddSeconds(31.9)));
        _tracked.Tick(cancelled.AddSeconds(40));
        Assert.Equal((EndReason.Cancelled, cancelled.AddSeconds(32)), (_tracked.Single<CallEnded>().Reason, _tracked.Single<CallEnded>().At));
    }

    [Theory]
    [InlineData(302)]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(486)]
    [InlineData(503)]
    [InlineData(603)]
    public void A_final_failure_ends_the_call_with_its_status(int status)
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(100, 1), _phone.Reply(status, 1), _phone.Reply(status, 1), _phone.Ack());

        var ended = _tracked.Single<CallEnded>();
        Assert.Equal((EndReason.Failed, status, null), (ended.Reason, ended.StatusCode, ended.By));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(407)]
    [InlineData(422)]
    public void A_challenge_and_the_second_invite_are_one_call(int status)
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(status, 1, tag: "x"), _phone.Caller("ACK", 1, to: "x", branch: "z9hG4bK-a1"));
        _tracked.Take(_phone.Invite(cseq: 2), _phone.Reply(200, 2, Phone.CalleeSdp), _phone.Ack(2), _phone.Caller("BYE", 3));

        Assert.Equal(["CallStarted", "MediaNegotiated", "CallAnswered", "MediaNegotiated", "CallEnded"], _tracked.Events.Select(e => e.GetType().Name));
    }

    [Fact]
    public void A_challenge_that_nobody_answers_ends_the_call_as_failed_after_5_seconds()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(407, 1));
        var refused = _phone.Now;
        _tracked.Tick(refused.AddSeconds(4.9));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Tick(refused.AddSeconds(5));

        var ended = _tracked.Single<CallEnded>();
        Assert.Equal((EndReason.Failed, 407, refused.AddSeconds(5)), (ended.Reason, ended.StatusCode, ended.At));
    }

    [Theory]
    [InlineData(407)]
    [InlineData(403)]
    public void A_second_refusal_ends_the_call_at_once(int status)
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(407, 1), _phone.Invite(cseq: 2), _phone.Reply(status, 2));

        Assert.Equal((EndReason.Failed, status), (_tracked.Single<CallEnded>().Reason, _tracked.Single<CallEnded>().StatusCode));
    }

    [Fact]
    public void Copies_of_a_challenged_invite_and_of_its_challenge_change_nothing()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(407, 1), _phone.Invite(), _phone.Reply(407, 1), _phone.Invite(cseq: 2), _phone.Invite(), _phone.Reply(407, 1));
        _tracked.Take(_phone.Reply(200, 2, Phone.CalleeSdp));

        Assert.Equal(["CallStarted", "MediaNegotiated", "CallAnswered", "MediaNegotiated"], _tracked.Events.Select(e => e.GetType().Name));
    }

    [Fact]
    public void A_stale_nonce_and_a_second_realm_invite_another_try()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(407, 1));
        _tracked.Take(_phone.Invite(cseq: 2), _phone.Reply(407, 2, headers: "Proxy-Authenticate: Digest realm=\"x\", stale=\"TRUE\", nonce=\"n\"\r\n"));
        _tracked.Take(_phone.Invite(cseq: 3), _phone.Reply(401, 3), _phone.Invite(cseq: 4), _phone.Reply(200, 4, Phone.CalleeSdp));

        Assert.Equal(1, _tracked.Count<CallStarted>());
        Assert.Equal(1, _tracked.Count<CallAnswered>());
        Assert.Equal(0, _tracked.Count<CallEnded>());
    }

    [Fact]
    public void A_call_without_final_response_times_out_after_three_minutes()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(180, 1));

        _tracked.Tick(_phone.Now.AddSeconds(180));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Tick(_phone.Now.AddSeconds(240));
        Assert.Equal(EndReason.Timeout, _tracked.Single<CallEnded>().Reason);
    }

    [Fact]
    public void A_session_timer_that_is_not_refreshed_ends_the_call()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(200, 1, Phone.CalleeSdp, headers: "Session-Expires: 90;refresher=uas\r\n"), _phone.Ack());
        var answered = _phone.Now;
        _tracked.Tick(answered.AddSeconds(80));
        _phone.After(80);
        _tracked.Take(_phone.Caller("UPDATE", 2), _phone.Reply(200, 2, method: "UPDATE", headers: "x: 90\r\n"));
        _tracked.Tick(answered.AddSeconds(200));
        Assert.Equal(0, _tracked.Count<CallEnded>());

        _tracked.Tick(answered.AddSeconds(203));
        Assert.Equal(EndReason.Timeout, _tracked.Single<CallEnded>().Reason);
    }

    [Fact]
    public void A_call_without_session_timer_lasts_until_the_idle_cap()
    {
        _tracked.Take(_phone.Up());

        _tracked.Tick(_phone.Now.AddHours(11.9));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Tick(_phone.Now.AddHours(12));
        Assert.Equal(EndReason.Timeout, _tracked.Single<CallEnded>().Reason);
    }

    [Fact]
    public void A_later_message_of_any_call_runs_the_timers_that_are_due()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(401, 1));
        var other = new Phone("call-2").After(60);
        var events = _tracked.Take(other.Invite());

        Assert.Equal(["call-1", "call-2", "call-2"], events.Cast<CallEvent>().Select(e => e.CallId));
    }

    [Fact]
    public void Bye_retransmitted_to_a_dead_phone_ends_the_call_once()
    {
        _tracked.Take(_phone.Up());
        for (int i = 0; i < 7; i++)
            _tracked.Take(_phone.After(4).Caller("BYE", 2));

        Assert.Equal(1, _tracked.Count<CallEnded>());
    }

    [Fact]
    public void Bye_from_both_sides_ends_the_call_once_by_the_first()
    {
        _tracked.Take(_phone.Up());
        _tracked.Take(_phone.Callee("BYE", 7), _phone.Caller("BYE", 2), _phone.ReplyToCallee(200, 7, method: "BYE"), _phone.Reply(200, 2, method: "BYE"));

        Assert.Equal(1, _tracked.Single<CallEnded>().By);
    }

    [Fact]
    public void An_invite_retransmitted_after_the_end_does_not_start_the_call_anew()
    {
        var invite = _phone.Invite();
        _tracked.Take(invite, _phone.Reply(486, 1));
        _tracked.Take(_phone.After(20).Invite());

        Assert.Equal(1, _tracked.Count<CallStarted>());
        Assert.Equal(1, _tracked.Tracker.Drops.Of(DropReasons.AfterEnd));
    }

    [Fact]
    public void A_new_invite_under_the_call_id_of_an_ended_call_is_a_new_call()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(486, 1), _phone.Ack());
        _tracked.Take(_phone.Invite(cseq: 2), _phone.Reply(486, 2), _phone.Ack(2));
        var other = new Phone(callerTag: "c").After(2);
        _tracked.Take(other.Invite());

        Assert.Equal(3, _tracked.Count<CallStarted>());
        Assert.Equal(2, _tracked.Count<CallEnded>());
    }

    [Fact]
    public void An_ended_call_is_forgotten_after_32_seconds()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(486, 1));
        _tracked.Tick(_phone.Now.AddSeconds(32));
        _tracked.Take(_phone.After(33).Caller("BYE", 2));

        Assert.Equal(1, _tracked.Tracker.Drops.Of(DropReasons.UnknownCall));
    }

    [Fact]
    public void A_481_to_a_reinvite_ends_the_call_and_other_failures_do_not()
    {
        _tracked.Take(_phone.Up());
        _tracked.Take(_phone.Caller("INVITE", 2, Phone.CallerSdp), _phone.Reply(491, 2), _phone.Caller("INVITE", 3, Phone.CallerSdp), _phone.Reply(408, 3));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Take(_phone.Caller("INVITE", 4, Phone.CallerSdp), _phone.Reply(481, 4));

        Assert.Equal((EndReason.Failed, 481), (_tracked.Single<CallEnded>().Reason, _tracked.Single<CallEnded>().StatusCode));
    }

    [Fact]
    public void An_answer_that_was_not_seen_is_known_by_its_ack()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(183, 1, Phone.CalleeSdp), _phone.Ack());

        Assert.Equal(1, _tracked.Count<CallAnswered>());
    }

    [Fact]
    public void Bye_in_an_early_dialog_ends_the_call()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(180, 1), _phone.Caller("BYE", 2));

        Assert.Equal((EndReason.Bye, 0), (_tracked.Single<CallEnded>().Reason, _tracked.Single<CallEnded>().By));
    }

    [Fact]
    public void Compact_headers_are_understood()
    {
        _tracked.Take(_phone.Raw("INVITE sip:bob@pbx SIP/2.0\nv: SIP/2.0/UDP h;branch=z9hG4bK1\nf: <sip:a@x>;tag=1\nt: <sip:b@x>\ni: compact\nCSeq: 1 INVITE\nl: 0\n\n"));

        Assert.Equal(("compact", "sip:a@x"), (_tracked.Single<CallStarted>().CallId, _tracked.Single<CallStarted>().From));
    }

    [Theory]
    [InlineData("X-Correlation-ID: one\r\nSession-ID: 2b\r\n", "one")]
    [InlineData("Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000\r\n", "ab30317f1a784dc48ff824d0d3715d86")]
    [InlineData("Session-ID: 00000000000000000000000000000000\r\n", null)]
    public void The_correlation_id_is_that_of_the_first_header_that_has_one(string headers, string? expected)
    {
        _tracked.Take(_phone.Invite(headers: headers));

        Assert.Equal(expected, _tracked.Single<CallStarted>().CorrelationId);
    }
}
