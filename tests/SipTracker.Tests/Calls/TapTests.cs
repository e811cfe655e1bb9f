using CallMirror.Contracts.Calls;
using CallMirror.SipTracker.Calls;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>What is particular to a tap: wrong order, late start, strangers, limits.</summary>
public class TapTests
{
    private readonly Phone _phone = new();
    private readonly Tracked _tracked = new();

    [Fact]
    public void A_200_that_comes_before_its_invite_waits_for_it()
    {
        var (invite, ok, ack) = (_phone.Invite(), _phone.Reply(200, 1, Phone.CalleeSdp), _phone.Ack());
        Assert.Empty(_tracked.Take(ok, ack));
        _tracked.Take(invite with { CapturedAt = ok.CapturedAt.AddMilliseconds(50) });

        Assert.Equal(["CallStarted", "MediaNegotiated", "CallAnswered", "MediaNegotiated"], _tracked.Events.Select(e => e.GetType().Name));
        Assert.All(_tracked.Events.Cast<CallEvent>(), e => Assert.Equal(ok.CapturedAt.AddMilliseconds(50), e.At));
    }

    [Fact]
    public void A_200_whose_invite_does_not_come_within_a_second_is_dropped_and_counted()
    {
        var invite = _phone.Invite();
        _tracked.Take(_phone.Reply(200, 1, Phone.CalleeSdp));
        _tracked.Tick(_phone.Now.AddSeconds(1.1));
        _tracked.Take(invite);

        Assert.Equal(1, _tracked.Tracker.Drops.Of(DropReasons.Unclaimed));
        Assert.Equal(0, _tracked.Count<CallAnswered>());
    }

    [Fact]
    public void A_200_that_comes_before_its_reinvite_waits_for_it()
    {
        _tracked.Take(_phone.Up());
        var reinvite = _phone.Callee("INVITE", 9, "10.0.0.2 5002 RTP/AVP 0");
        var ok = _phone.ReplyToCallee(200, 9, "10.0.0.1 4002 RTP/AVP 0");
        Assert.Empty(_tracked.Take(ok));
        var media = Assert.IsType<MediaNegotiated>(_tracked.Take(reinvite)[^1]);

        Assert.Equal(("10.0.0.1:4002", "10.0.0.2:5002"), (media.Streams[0].Sender, media.Streams[0].Receiver));
    }

    [Fact]
    public void An_ack_with_the_answer_that_comes_before_the_offer_waits_for_it()
    {
        _tracked.Take(_phone.Invite(sdp: null));
        var ok = _phone.Reply(200, 1, Phone.CalleeSdp);
        _tracked.Take(_phone.Ack(1, Phone.CallerSdp));
        Assert.Equal(0, _tracked.Count<MediaNegotiated>());
        _tracked.Take(ok);

        Assert.Equal("10.0.0.1:4000", _tracked.Media.Streams[0].Sender);
        Assert.Equal(1, _tracked.Count<CallAnswered>());
    }

    [Fact]
    public void What_waits_is_bounded_a_call_and_in_all()
    {
        for (int i = 0; i < 20; i++)
            _tracked.Take(_phone.Reply(180, 1));
        Assert.Equal(4, _tracked.Tracker.Drops.Of(DropReasons.HoldFull));

        for (int i = 0; i < 5000; i++)
            _tracked.Take(new Phone($"flood-{i}").After(0.3).Reply(200, 1));
        Assert.Equal(4 + 16 + 5000 - 4096, _tracked.Tracker.Drops.Of(DropReasons.HoldFull));
    }

    [Fact]
    public void A_tap_that_came_late_joins_the_call_at_its_reinvite()
    {
        var reinvite = _phone.Caller("INVITE", 5, Phone.CallerSdp);
        _tracked.Take(reinvite, _phone.Reply(200, 5, Phone.CalleeSdp), _phone.Ack(5));

        Assert.Equal(["CallStarted", "CallAnswered", "MediaNegotiated", "MediaNegotiated"], _tracked.Events.Select(e => e.GetType().Name));
        Assert.Equal(reinvite.CapturedAt, _tracked.Media.StartedAt);
        _tracked.Take(_phone.Callee("BYE", 3));
        Assert.Equal(1, _tracked.Single<CallEnded>().By);
    }

    [Theory]
    [InlineData("OPTIONS")]
    [InlineData("REGISTER")]
    [InlineData("SUBSCRIBE")]
    [InlineData("NOTIFY")]
    [InlineData("MESSAGE")]
    public void What_sets_up_no_dialog_of_ours_is_no_call(string method)
    {
        _tracked.Take(_phone.Caller(method, 1, to: null), _phone.Reply(200, 1, method: method));

        Assert.Empty(_tracked.Events);
        Assert.Equal(2, _tracked.Tracker.Drops.Of(DropReasons.NotACall));
    }

    [Fact]
    public void Bye_of_an_unknown_call_is_counted_and_ignored()
    {
        _tracked.Take(_phone.Caller("BYE", 2));

        Assert.Empty(_tracked.Events);
        Assert.Equal(1, _tracked.Tracker.Drops.Of(DropReasons.UnknownCall));
    }

    [Fact]
    public void Another_dialog_under_the_same_call_id_is_left_alone()
    {
        _tracked.Take(_phone.Up());
        var stranger = new Phone(callerTag: "x", calleeTag: "y").After(1);
        _tracked.Take(stranger.Invite(), stranger.Reply(486, 1), stranger.Caller("BYE", 2));

        Assert.Equal(0, _tracked.Count<CallEnded>());
        Assert.Equal(3, _tracked.Tracker.Drops.Of(DropReasons.ForeignDialog));
    }

    [Fact]
    public void What_is_no_sip_is_counted_under_its_reason()
    {
        _tracked.Take(_phone.Raw(""), _phone.Raw("GET / HTTP/1.1\n\n"), _phone.Raw("INVITE sip:x SIP/2.0\nCSeq: 1 INVITE\n\n"));

        Assert.Empty(_tracked.Events);
        Assert.Equal(["sip-empty", "sip-missing-call-id", "sip-no-start-line"], _tracked.Tracker.Drops.ByReason.Keys.Order());
    }

    [Fact]
    public void A_description_that_is_none_is_counted_and_the_call_goes_on()
    {
        var broken = _phone.Raw("INVITE sip:b@x SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK-a1\nFrom: <sip:a@x>;tag=a\nTo: <sip:b@x>\nCall-ID: call-1\nCSeq: 1 INVITE\nContent-Type: application/sdp\n\nv=0\nm=audio\n");
        _tracked.Take(broken, _phone.Reply(200, 1, Phone.CalleeSdp));

        Assert.Equal(1, _tracked.Tracker.Drops.Of("sdp-bad-media-line"));
        Assert.Equal(1, _tracked.Count<CallAnswered>());
    }

    [Fact]
    public void A_second_capture_that_is_older_than_the_first_has_timers_too()
    {
        _tracked.Take(new Phone("late").After(86_400).Invite());
        _tracked.Take(new Phone("lost").Reply(200, 1), _phone.Invite(), _phone.Reply(401, 1));
        _tracked.Take(new Phone("other").After(60).Invite());

        Assert.Equal("call-1", _tracked.Single<CallEnded>().CallId);
        Assert.Equal(1, _tracked.Tracker.Drops.Of(DropReasons.Unclaimed));
    }

    [Fact]
    public void Messages_from_the_end_of_time_and_without_bytes_do_no_harm()
    {
        _tracked.Take(_phone.Up().Select(message => message with { CapturedAt = DateTimeOffset.MaxValue }));
        _tracked.Take(_phone.Invite() with { Payload = null! }, _phone.Invite() with { CapturedAt = DateTimeOffset.MinValue });

        Assert.Equal(1, _tracked.Count<CallAnswered>());
    }

    [Fact]
    public void The_ordinary_tail_of_a_call_is_not_counted_as_dropped()
    {
        _tracked.Take(_phone.Up().Append(_phone.Caller("BYE", 2)).Append(_phone.Reply(200, 2, method: "BYE")));
        var other = new Phone("call-2");
        _tracked.Take(other.Invite(), other.Reply(486, 1), other.Ack());

        Assert.Empty(_tracked.Tracker.Drops.ByReason);
    }

    [Fact]
    public void More_calls_than_fit_are_dropped_and_counted()
    {
        var small = new Tracked(new SipTrackerOptions { MaxCalls = 2 });
        for (int i = 0; i < 5; i++)
            small.Take(new Phone($"call-{i}").Invite());

        Assert.Equal(2, small.Count<CallStarted>());
        Assert.Equal((2, 3), (small.Tracker.ActiveCalls, (int)small.Tracker.Drops.Of(DropReasons.TooManyCalls)));
    }

    [Fact]
    public void A_call_id_of_absurd_length_is_dropped()
    {
        _tracked.Take(new Phone(new string('x', 2000)).Invite());

        Assert.Empty(_tracked.Events);
        Assert.Equal(1, _tracked.Tracker.Drops.Of(DropReasons.CallIdTooLong));
    }
}
