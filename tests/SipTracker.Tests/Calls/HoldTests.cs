using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>Who holds whom (RFC 3264 §8.4).</summary>
public class HoldTests
{
    private readonly Phone _phone = new();
    private readonly Tracked _tracked = new();
    private uint _cseq = 1;

    public HoldTests() => _tracked.Take(_phone.Up());

    [Theory]
    [InlineData("sendonly", "recvonly")]
    [InlineData("sendonly", "inactive")]
    [InlineData("sendonly", "sendrecv")]
    [InlineData("inactive", "inactive")]
    public void The_caller_holds_and_resumes_each_told_once_at_the_answer(string offer, string answer)
    {
        var messages = CallerOffers(offer, answer);
        var held = Assert.IsType<CallHeld>(Assert.Single(_tracked.Take(messages)));
        Assert.Equal((0, messages[^1].CapturedAt), (held.By, held.At));
        Assert.Empty(_tracked.Take(CallerOffers(offer, answer)));

        Assert.Equal(0, Assert.IsType<CallResumed>(Assert.Single(_tracked.Take(CallerOffers("sendrecv", "sendrecv")))).By);
    }

    [Fact]
    public void The_callee_holds_and_resumes()
    {
        Assert.Equal(1, Assert.IsType<CallHeld>(Assert.Single(_tracked.Take(CalleeOffers("sendonly", "recvonly")))).By);
        Assert.Equal(1, Assert.IsType<CallResumed>(Assert.Single(_tracked.Take(CalleeOffers("sendrecv", "sendrecv")))).By);
    }

    [Fact]
    public void The_old_hold_by_address_keeps_the_address_that_end_had()
    {
        _tracked.Take(_phone.Caller("INVITE", 2, "0.0.0.0 4000 RTP/AVP 8 0 101"), _phone.Reply(200, 2, Phone.CalleeSdp));
        var media = _tracked.Events.OfType<MediaNegotiated>().Last();
        Assert.Equal(("10.0.0.1:4000", "10.0.0.2:5000"), (media.Streams[0].Sender, media.Streams[0].Receiver));
        Assert.Equal(0, _tracked.Single<CallHeld>().By);

        _tracked.Take(_phone.Caller("INVITE", 3, Phone.CallerSdp), _phone.Reply(200, 3, Phone.CalleeSdp));
        Assert.Equal(0, _tracked.Single<CallResumed>().By);
        Assert.Equal("10.0.0.1:4000", _tracked.Events.OfType<MediaNegotiated>().Last().Streams[0].Sender);
    }

    [Fact]
    public void Both_may_hold_and_each_resumes_for_itself()
    {
        _tracked.Take(CallerOffers("sendonly", "recvonly"));
        Assert.Equal(1, Assert.IsType<CallHeld>(Assert.Single(_tracked.Take(CalleeOffers("inactive", "inactive")))).By);
        // The callee lets go: it is still held, and says so.
        Assert.Equal(1, Assert.IsType<CallResumed>(Assert.Single(_tracked.Take(CalleeOffers("recvonly", "sendonly")))).By);
        Assert.Equal(0, Assert.IsType<CallResumed>(Assert.Single(_tracked.Take(CallerOffers("sendrecv", "sendrecv")))).By);
    }

    [Fact]
    public void An_answer_that_holds_on_its_own_is_the_answerers_hold()
    {
        Assert.Equal(1, Assert.IsType<CallHeld>(Assert.Single(_tracked.Take(CallerOffers("sendrecv", "sendonly")))).By);
    }

    [Fact]
    public void A_refused_hold_is_none()
    {
        Assert.Empty(_tracked.Take(_phone.Caller("INVITE", 2, Phone.CallerSdp + " sendonly"), _phone.Reply(491, 2)));
        Assert.Empty(_tracked.Take(_phone.Caller("INVITE", 3, Phone.CallerSdp), _phone.Reply(200, 3, Phone.CalleeSdp)));
    }

    [Fact]
    public void Early_media_that_only_flows_one_way_is_no_hold()
    {
        var other = new Phone("early");
        _tracked.Take(other.Invite(), other.Reply(183, 1, Phone.CalleeSdp + " sendonly"), other.Reply(200, 1, Phone.CalleeSdp + " sendrecv"));

        Assert.Equal(0, _tracked.Count<CallHeld>());
    }

    private SipMessageCaptured[] CallerOffers(string offer, string answer) =>
        [_phone.Caller("INVITE", ++_cseq, $"{Phone.CallerSdp} {offer}"), _phone.Reply(200, _cseq, $"{Phone.CalleeSdp} {answer}")];

    private SipMessageCaptured[] CalleeOffers(string offer, string answer) =>
        [_phone.Callee("UPDATE", ++_cseq, $"{Phone.CalleeSdp} {offer}"), _phone.ReplyToCallee(200, _cseq, $"{Phone.CallerSdp} {answer}", method: "UPDATE")];
}
