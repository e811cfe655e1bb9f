using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.SipTracker.Calls;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>Calls that are known by their media alone, beside those that are known by SIP.</summary>
public class FoundMediaTests
{
    private readonly Phone _phone = new();
    private readonly Tracked _tracked = new();

    [Fact]
    public void Found_media_becomes_a_call_of_two_roles()
    {
        var found = Found("10.0.0.1:4000", "10.0.0.2:5000");
        Assert.Equal(["CallStarted", "MediaNegotiated"], Take(found).Select(e => e.GetType().Name));

        var started = _tracked.Single<CallStarted>();
        Assert.Equal((found.CallId, found.StartedAt, null, null, "10.0.0.1:4000", "10.0.0.2:5000"), (started.CallId, started.At, started.From, started.To, started.Source, started.Destination));
        var media = _tracked.Single<MediaNegotiated>();
        Assert.Equal((found.CallId, found.StartedAt, found.CapturedAt, 1, true), (media.CallId, media.StartedAt, media.At, media.Version, media.IsFound));
        Assert.Equal(
            [(0, "10.0.0.1:4000", "10.0.0.2:5000", "PCMA"), (1, "10.0.0.2:5000", "10.0.0.1:4000", "PCMA")],
            media.Streams.Select(stream => (stream.Role, stream.Sender!, stream.Receiver!, stream.Formats.Single().Encoding)));
        Assert.Equal(1, _tracked.Tracker.ActiveCalls);
    }

    [Theory]
    [InlineData("10.0.0.1:4000", "10.0.0.2:5000")]
    [InlineData("10.0.0.2:5000", "10.0.0.1:4000")]
    [InlineData("203.0.113.7:61000", "10.0.0.2:5000")]
    [InlineData("10.0.0.1:4000", "203.0.113.7:61000")]
    public void Media_of_a_call_that_is_up_is_no_call(string source, string destination)
    {
        _tracked.Take(_phone.Up());
        Assert.Empty(Take(Found(source, destination)));
        Assert.Equal(1, _tracked.Tracker.Drops.Of(DropReasons.MediaOfACall));
    }

    [Fact]
    public void Media_at_an_address_that_has_just_been_offered_is_no_call()
    {
        _tracked.Take(_phone.Invite());
        Assert.Empty(Take(Found("192.0.2.9:9000", "10.0.0.1:4000")));
        _tracked.Take(_phone.Reply(200, 1, Phone.CalleeSdp));
        Assert.Single(_tracked.Agreed);
    }

    [Fact]
    public void Media_at_an_address_that_a_response_offered_is_no_call()
    {
        _tracked.Take(_phone.Invite(sdp: null), _phone.Reply(200, 1, Phone.CalleeSdp));
        Assert.Empty(Take(Found("192.0.2.9:9000", "10.0.0.2:5000")));
    }

    [Fact]
    public void Media_that_goes_on_after_the_bye_is_no_call_until_the_call_is_forgotten()
    {
        _tracked.Take(_phone.Up().Append(_phone.Caller("BYE", 2)));
        var since = _phone.Now.AddSeconds(-1);
        _phone.After(31);
        Assert.Empty(Take(Found("203.0.113.7:61000", "10.0.0.2:5000") with { StartedAt = since }));
        _phone.After(2);
        Assert.Equal(2, Take(Found("203.0.113.7:61000", "10.0.0.2:5000") with { StartedAt = since }).Count);
    }

    [Fact]
    public void Media_that_began_after_the_end_at_the_ports_of_an_ended_call_is_another_call()
    {
        _tracked.Take(_phone.Up().Append(_phone.Caller("BYE", 2)));
        _phone.After(2);
        Assert.Equal(2, Take(Found("10.0.0.1:4000", "10.0.0.2:5000")).Count);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(487)]
    public void What_a_call_that_failed_had_offered_is_nobodys(int status)
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(status, 1));
        Assert.Equal(2, Take(Found("192.0.2.9:9000", "10.0.0.1:4000") with { StartedAt = Phone.Epoch }).Count);
    }

    [Fact]
    public void What_nobody_has_claimed_for_10_seconds_is_a_call_of_its_own()
    {
        _tracked.Take(_phone.Up());
        _phone.After(9.9);
        Assert.Empty(Take(Found("10.0.0.1:4000", "192.0.2.9:9000")));
        _phone.After(0.2);
        Assert.Equal(2, Take(Found("10.0.0.1:4000", "192.0.2.9:9000")).Count);
    }

    [Fact]
    public void Media_between_the_addresses_that_a_call_has_agreed_on_is_its_own_as_long_as_it_is_up()
    {
        _tracked.Take(_phone.Up());
        _phone.After(3600);
        Assert.Empty(Take(Found("10.0.0.2:5000", "10.0.0.1:4000")));
    }

    [Fact]
    public void Media_that_ran_long_before_a_call_is_not_that_calls()
    {
        _phone.After(60);
        _tracked.Take(_phone.Invite());
        Assert.Equal(2, Take(Found("192.0.2.9:9000", "10.0.0.1:4000") with { StartedAt = _phone.Now.AddSeconds(-30) }).Count);
    }

    [Fact]
    public void Media_between_the_hosts_of_a_call_that_rings_waits_for_its_answer()
    {
        _tracked.Take(_phone.Invite("192.168.1.20 4000 RTP/AVP 8"), _phone.Reply(180, 1));
        Assert.Empty(Take(Found("10.0.0.2:7000", "10.0.0.1:61000")));
        Assert.Equal(2, Take(Found("10.0.0.2:7000", "192.0.2.9:61000") with { CallId = "rtp-other" }).Count);
    }

    [Theory]
    [InlineData("10.0.0.1:61000", "10.0.0.2:5000")]
    [InlineData("10.0.0.2:5000", "10.0.0.1:61000")]
    public void A_call_whose_caller_is_behind_nat_replaces_what_was_found_between_its_hosts(string source, string destination)
    {
        Take(Found(source, destination));
        _phone.After(20);
        _tracked.Take(_phone.Invite("192.168.1.20 4000 RTP/AVP 8"), _phone.Reply(200, 1, Phone.CalleeSdp));

        Assert.Equal(("rtp-call", EndReason.Replaced), (_tracked.Single<CallEnded>().CallId, _tracked.Single<CallEnded>().Reason));
    }

    [Fact]
    public void A_call_of_which_both_ends_are_behind_nat_replaces_what_was_found_at_its_announced_port()
    {
        Take(Found("10.0.0.2:16384", "10.0.0.1:61000"));
        _phone.After(20);
        _tracked.Take(_phone.Invite("192.168.1.20 4000 RTP/AVP 8"), _phone.Reply(200, 1, "192.0.2.80 16384 RTP/AVP 8"));

        Assert.Equal(1, _tracked.Count<CallEnded>());
    }

    [Theory]
    [InlineData("10.0.0.1:4000", "10.0.0.2:7002")]
    [InlineData("10.0.0.1:4000", "10.0.0.9:5000")]
    [InlineData("10.0.0.2:5000", "203.0.113.7:61000")]
    public void A_call_that_shares_one_address_with_what_was_found_leaves_it_alone(string source, string destination)
    {
        Take(Found(source, destination));
        _phone.After(20);
        _tracked.Take(_phone.Up());

        Assert.Equal((0, 2), (_tracked.Count<CallEnded>(), _tracked.Tracker.ActiveCalls));
    }

    [Fact]
    public void An_offer_alone_replaces_nothing()
    {
        Take(Found("10.0.0.1:4000", "10.0.0.2:5000"));
        _tracked.Take(_phone.Invite(), _phone.Reply(180, 1));
        Assert.Equal(0, _tracked.Count<CallEnded>());
    }

    [Fact]
    public void Two_calls_that_share_one_address_are_two()
    {
        Take(Found("10.0.0.1:4000", "10.0.0.2:5000"));
        Assert.Equal(2, Take(Found("10.0.0.1:4000", "10.0.0.2:5002") with { CallId = "rtp-other" }).Count);
    }

    [Fact]
    public void Media_of_a_second_dialog_under_a_call_id_is_not_refused_for_long()
    {
        _tracked.Take(_phone.Up());
        var stranger = new Phone(callerTag: "x", calleeTag: "y").After(20);
        _tracked.Take(stranger.Invite("10.0.0.1 4400 RTP/AVP 8"), stranger.Reply(200, 1, "10.0.0.2 5500 RTP/AVP 8"));
        _phone.After(22);

        Assert.Equal(2, Take(Found("10.0.0.1:4400", "10.0.0.2:5500")).Count);
        Assert.Equal(2, _tracked.Tracker.Drops.Of(DropReasons.ForeignDialog));
    }

    [Fact]
    public void Told_again_or_by_a_second_capture_it_stays_one_call()
    {
        var found = Found("10.0.0.1:4000", "10.0.0.2:5000");
        Take(found);
        Assert.Empty(Take(found));
        Assert.Empty(Take(Found("10.0.0.2:5000", "10.0.0.1:4000") with { CaptureId = "other", CallId = "rtp-other" }));
    }

    [Fact]
    public void A_negotiation_at_its_address_replaces_it()
    {
        var found = Found("10.0.0.2:5000", "10.0.0.1:4000");
        Take(found);
        var events = _tracked.Take(_phone.Up());

        Assert.Equal(["CallStarted", "MediaNegotiated", "CallAnswered", "CallEnded", "MediaNegotiated"], events.Select(e => e.GetType().Name));
        var ended = _tracked.Single<CallEnded>();
        Assert.Equal((found.CallId, EndReason.Replaced, ((MediaNegotiated)events[4]).At), (ended.CallId, ended.Reason, ended.At));
        Assert.False(((MediaNegotiated)events[4]).IsFound);
        Assert.Equal(1, _tracked.Tracker.ActiveCalls);
    }

    [Fact]
    public void A_negotiation_elsewhere_leaves_it_alone()
    {
        Take(Found("10.0.0.7:4000", "10.0.0.8:5000"));
        _tracked.Take(_phone.Up());
        Assert.Equal((0, 2), (_tracked.Count<CallEnded>(), _tracked.Tracker.ActiveCalls));
    }

    [Fact]
    public void When_capture_says_that_it_is_silent_it_is_forgotten_and_its_media_may_come_back()
    {
        var found = Found("10.0.0.1:4000", "10.0.0.2:5000");
        Take(found);
        Assert.True(_tracked.Tracker.Handle(Ended(found.CallId)));
        Assert.False(_tracked.Tracker.Handle(Ended(found.CallId)));
        Assert.Equal(0, _tracked.Tracker.ActiveCalls);
        _phone.After(1);
        Assert.Equal(2, Take(Found("10.0.0.1:4000", "10.0.0.2:5000") with { CallId = "rtp-later" }).Count);
    }

    [Fact]
    public void A_call_known_by_sip_is_ended_by_sip_alone()
    {
        _tracked.Take(_phone.Up());
        Assert.False(_tracked.Tracker.Handle(Ended(_phone.CallId)));
        Assert.Equal(1, _tracked.Tracker.ActiveCalls);
    }

    [Fact]
    public void Whose_capture_never_tells_of_its_end_times_out()
    {
        Take(Found("10.0.0.1:4000", "10.0.0.2:5000"));
        _tracked.Tick(_phone.Now.AddHours(11.9));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Tick(_phone.Now.AddHours(12.1));
        Assert.Equal(EndReason.Timeout, _tracked.Single<CallEnded>().Reason);
    }

    [Fact]
    public void No_more_calls_than_allowed_are_found()
    {
        var tracked = new Tracked(new SipTrackerOptions { MaxCalls = 1 });
        Assert.NotEmpty(tracked.Tracker.Handle(Found("10.0.0.1:1", "10.0.0.2:1")));
        Assert.Empty(tracked.Tracker.Handle(Found("10.0.0.1:2", "10.0.0.2:2") with { CallId = "rtp-2" }));
        Assert.Empty(tracked.Tracker.Handle(Found("10.0.0.1:3", "10.0.0.2:3") with { CallId = new string('x', 5000) }));
        Assert.Equal((1, 1), (tracked.Tracker.Drops.Of(DropReasons.TooManyCalls), tracked.Tracker.Drops.Of(DropReasons.CallIdTooLong)));
    }

    private IReadOnlyList<object> Take(MediaFound found)
    {
        var events = _tracked.Tracker.Handle(found);
        _tracked.Events.AddRange(events);
        return events;
    }

    private MediaFound Found(string source, string destination) => Media(_phone.Now, source, destination);

    internal static MediaFound Media(DateTimeOffset now, string source, string destination) => new()
    {
        CaptureId = "test",
        Sequence = 1,
        CallId = "rtp-call",
        CapturedAt = now,
        StartedAt = now.AddSeconds(-1),
        Source = source,
        Destination = destination,
        PayloadType = 8,
        AnswerRequested = true,
    };

    private CallEnded Ended(string callId) => new() { CallId = callId, At = _phone.Now, Reason = EndReason.MediaTimeout };
}
