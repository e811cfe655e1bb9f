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
        Assert.Equal(1, _tracked.Count<MediaNegotiated>());
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
        _phone.After(31);
        Assert.Empty(Take(Found("10.0.0.1:4000", "10.0.0.2:5000")));
        _phone.After(2);
        Assert.Equal(2, Take(Found("10.0.0.1:4000", "10.0.0.2:5000")).Count);
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
        var found = Found("10.0.0.2:5000", "203.0.113.7:61000");
        Take(found);
        var events = _tracked.Take(_phone.Up());

        Assert.Equal(["CallStarted", "CallAnswered", "CallEnded", "MediaNegotiated"], events.Select(e => e.GetType().Name));
        var ended = _tracked.Single<CallEnded>();
        Assert.Equal((found.CallId, EndReason.Replaced, ((MediaNegotiated)events[3]).At), (ended.CallId, ended.Reason, ended.At));
        Assert.False(((MediaNegotiated)events[3]).IsFound);
        Assert.Equal(1, _tracked.Tracker.ActiveCalls);
    }

    [Fact]
    public void A_reinvite_of_the_call_that_the_tap_came_late_to_replaces_it()
    {
        var found = Found("10.0.0.1:4000", "10.0.0.2:5000");
        Take(found);
        _tracked.Take(_phone.Caller("INVITE", 7, Phone.CallerSdp), _phone.Reply(200, 7, Phone.CalleeSdp));

        Assert.Equal((found.CallId, EndReason.Replaced), (_tracked.Single<CallEnded>().CallId, _tracked.Single<CallEnded>().Reason));
        Assert.Equal(["rtp-call", "call-1"], _tracked.Events.OfType<MediaNegotiated>().Select(media => media.CallId));
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
