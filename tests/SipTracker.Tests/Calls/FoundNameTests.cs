using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.SipTracker.Store;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>A call that was found by its media gets its name at the next negotiation of its dialog, and goes on as it was.</summary>
public class FoundNameTests
{
    private const string Name = "rtp-call";
    private const string Behind = "192.168.1.20 4000 RTP/AVP 8";

    private readonly Phone _phone = new();
    private readonly Tracked _tracked = new();

    [Fact]
    public void A_reinvite_at_its_addresses_names_it()
    {
        var found = Find("10.0.0.1:4000", "10.0.0.2:5000");
        Assert.Empty(_tracked.Take(_phone.Caller("INVITE", 7, Phone.CallerSdp)));
        var events = _tracked.Take(_phone.Reply(200, 7, Phone.CalleeSdp), _phone.Ack(7));

        Assert.Equal(["CallAnswered", "MediaNegotiated"], events.Select(each => each.GetType().Name));
        Assert.All(events.Cast<CallEvent>(), each => Assert.Equal((Name, "call-1", found.StartedAt), (each.CallId, each.SipCallId, each.StartedAt)));
        var media = (MediaNegotiated)events[1];
        Assert.Equal(("sip:alice@pbx", "sip:bob@pbx", false, true), (media.From, media.To, media.IsFound, media.Version > 1));
        Assert.Equal(["0 10.0.0.1:4000>10.0.0.2:5000", "1 10.0.0.2:5000>10.0.0.1:4000"], _tracked.Streams);
        Assert.Equal((1, 1, 0), (_tracked.Tracker.ActiveCalls, _tracked.Count<CallStarted>(), _tracked.Count<CallEnded>()));
    }

    [Fact]
    public void Its_roles_stay_where_they_are_whoever_sends_the_reinvite()
    {
        Find("10.0.0.2:5000", "10.0.0.1:4000");
        _tracked.Take(_phone.Caller("INVITE", 7, Phone.CallerSdp), _phone.Reply(200, 7, Phone.CalleeSdp));
        Assert.Equal(["0 10.0.0.2:5000>10.0.0.1:4000", "1 10.0.0.1:4000>10.0.0.2:5000"], _tracked.Streams);
        Assert.Equal(("sip:bob@pbx", "sip:alice@pbx"), (_tracked.Media.From, _tracked.Media.To));

        _tracked.Take(_phone.Caller("INVITE", 8, $"{Phone.CallerSdp} sendonly"), _phone.Reply(200, 8, $"{Phone.CalleeSdp} recvonly"));
        Assert.Equal((Name, 1), (_tracked.Single<CallHeld>().CallId, _tracked.Single<CallHeld>().By));
        _tracked.Take(_phone.Caller("BYE", 9));
        Assert.Equal((Name, EndReason.Bye, 1), (_tracked.Single<CallEnded>().CallId, _tracked.Single<CallEnded>().Reason, _tracked.Single<CallEnded>().By));
    }

    [Theory]
    [InlineData("10.0.0.1:61000", "10.0.0.2:5000")]
    [InlineData("10.0.0.2:5000", "10.0.0.1:61000")]
    public void Nat_does_not_hide_it(string source, string destination)
    {
        Find(source, destination);
        _tracked.Take(_phone.Caller("INVITE", 7, Behind), _phone.Reply(200, 7, Phone.CalleeSdp));
        Assert.Equal((Name, "call-1", 0), (_tracked.Media.CallId, _tracked.Media.SipCallId, _tracked.Count<CallEnded>()));
    }

    [Fact]
    public void An_offer_in_the_200_names_it_with_the_ack()
    {
        Find("10.0.0.1:4000", "10.0.0.2:5000");
        Assert.Empty(_tracked.Take(_phone.Caller("INVITE", 7), _phone.Reply(200, 7, Phone.CalleeSdp)));
        _tracked.Take(_phone.Ack(7, Phone.CallerSdp));
        Assert.Equal((Name, "call-1"), (_tracked.Media.CallId, _tracked.Media.SipCallId));
    }

    [Fact]
    public void One_that_is_put_on_hold_by_its_first_reinvite_is_held()
    {
        Find("10.0.0.1:4000", "10.0.0.2:5000");
        _tracked.Take(_phone.Caller("INVITE", 7, $"{Phone.CallerSdp} sendonly"), _phone.Reply(200, 7, $"{Phone.CalleeSdp} recvonly"));
        Assert.Equal((Name, 0), (_tracked.Single<CallHeld>().CallId, _tracked.Single<CallHeld>().By));
    }

    [Fact]
    public void A_refusal_names_nothing_and_the_next_reinvite_does()
    {
        Find("10.0.0.1:4000", "10.0.0.2:5000");
        Assert.Empty(_tracked.Take(_phone.Caller("INVITE", 7, Phone.CallerSdp), _phone.Reply(488, 7), _phone.Ack(7)));
        _tracked.Take(_phone.Caller("INVITE", 8, Phone.CallerSdp), _phone.Reply(200, 8, Phone.CalleeSdp));
        Assert.Equal(Name, _tracked.Media.CallId);
    }

    [Fact]
    public void Of_several_on_a_trunk_only_the_one_that_is_meant_gets_the_name()
    {
        Find("10.0.0.1:4000", "10.0.0.2:5000");
        _tracked.Events.AddRange(_tracked.Tracker.Handle(FoundMediaTests.Media(_phone.Now, "10.0.0.1:4002", "10.0.0.2:5002") with { CallId = "rtp-other" }));
        _tracked.Take(_phone.Caller("INVITE", 7, "10.0.0.1 4002 RTP/AVP 8"), _phone.Reply(200, 7, "10.0.0.2 5002 RTP/AVP 8"));
        Assert.Equal(("rtp-other", "call-1"), (_tracked.Media.CallId, _tracked.Media.SipCallId));
        Assert.Equal((2, 0), (_tracked.Tracker.ActiveCalls, _tracked.Count<CallEnded>()));
    }

    [Fact]
    public void One_that_shares_an_address_with_it_is_told_as_a_call_of_its_own()
    {
        Find("10.0.0.1:4000", "10.0.0.2:5000");
        _tracked.Take(_phone.Caller("INVITE", 7, Phone.CallerSdp), _phone.Reply(200, 7, "10.0.0.2 7002 RTP/AVP 8"));
        Assert.Equal(["call-1"], _tracked.Events.OfType<CallAnswered>().Select(each => each.CallId));
        Assert.Equal(("call-1", null), (_tracked.Media.CallId, _tracked.Media.SipCallId));
        Assert.Equal((2, 0), (_tracked.Tracker.ActiveCalls, _tracked.Count<CallEnded>()));
    }

    [Fact]
    public void A_dialog_that_ends_before_it_is_known_is_told_nothing_of()
    {
        Find("10.0.0.1:4000", "10.0.0.2:5000");
        Assert.Empty(_tracked.Take(_phone.Caller("INVITE", 7, Phone.CallerSdp), _phone.Caller("BYE", 8)));
        _tracked.Tick(_phone.Now.AddMinutes(1));
        Assert.Equal((1, 0), (_tracked.Tracker.ActiveCalls, _tracked.Count<CallEnded>()));
    }

    [Fact]
    public void Its_media_keeps_it_under_the_name_that_capture_knows()
    {
        var found = Find("10.0.0.1:4000", "10.0.0.2:5000");
        _tracked.Take(_phone.Caller("INVITE", 7, Phone.CallerSdp), _phone.Reply(200, 7, Phone.CalleeSdp, headers: "Session-Expires: 90\r\n"));
        var running = new MediaRunning
        {
            CaptureId = "test", Sequence = 9, CallId = Name, StartedAt = found.StartedAt, At = _phone.Now.AddSeconds(115), AnswerRequested = true,
        };
        Assert.Empty(_tracked.Tracker.Handle(running));
        Assert.Empty(_tracked.Tick(_phone.Now.AddSeconds(130)));
        Assert.Equal(EndReason.Timeout, Assert.IsType<CallEnded>(Assert.Single(_tracked.Tick(_phone.Now.AddSeconds(150)))).Reason);
    }

    [Fact]
    public void Where_capture_has_ended_it_just_then_its_media_may_be_found_again()
    {
        var found = Find("10.0.0.1:4000", "10.0.0.2:5000");
        _tracked.Take(_phone.Caller("INVITE", 7, Phone.CallerSdp), _phone.Reply(200, 7, Phone.CalleeSdp));
        Assert.True(_tracked.Tracker.Handle(new CallEnded { CallId = Name, StartedAt = found.StartedAt, At = _phone.Now, Reason = EndReason.MediaTimeout }));
        Assert.Equal(0, _tracked.Tracker.ActiveCalls);
    }

    [Fact]
    public void The_store_keeps_its_name()
    {
        Find("10.0.0.2:5000", "10.0.0.1:4000");
        _tracked.Take(_phone.Caller("INVITE", 7, Phone.CallerSdp), _phone.Reply(200, 7, Phone.CalleeSdp));
        Assert.True(CallStateJson.TryRead(CallStateJson.Write(_tracked.Tracker.Find(Name)!), out var stored));
        Assert.Equal((Name, "call-1", 1), (stored.ToldId, stored.CallId, stored.RoleOf(0)));
    }

    private MediaFound Find(string source, string destination)
    {
        var found = FoundMediaTests.Media(_phone.Now, source, destination);
        _tracked.Events.AddRange(_tracked.Tracker.Handle(found));
        _phone.After(20);
        return found;
    }
}
