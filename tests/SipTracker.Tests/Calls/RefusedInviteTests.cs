using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>Floods of what never becomes a conversation.</summary>
public sealed class RefusedInviteTests
{
    private const int Messages = 1000;

    [Fact]
    public void A_thousand_refused_invites_a_minute_end_each_once_and_are_forgotten()
    {
        var tracked = new Tracked();
        var phone = new Phone();
        for (int i = 0; i < Messages; i++)
        {
            phone = new Phone($"refused-{i}").After(60.0 * i / Messages);
            tracked.Take(phone.Invite(), phone.Reply(404, 1), phone.Ack());
        }

        Assert.Equal((Messages, Messages), (tracked.Count<MediaNegotiated>(), tracked.Count<CallEnded>()));
        tracked.Tick(phone.Now + new SipTrackerOptions().EndedMemory + TimeSpan.FromSeconds(1));
        Assert.Equal((0, 0), (tracked.Tracker.ActiveCalls, tracked.Tracker.Calls.Count));
    }

    [Theory]
    [InlineData("REGISTER")]
    [InlineData("OPTIONS")]
    public void What_invites_nobody_is_no_call(string method)
    {
        var tracked = new Tracked();
        for (int i = 0; i < Messages; i++)
        {
            var phone = new Phone($"other-{i}");
            tracked.Take(phone.Caller(method, 1, to: null), phone.Reply(200, 1, method: method));
        }

        Assert.Empty(tracked.Events);
        Assert.Empty(tracked.Tracker.Calls);
    }
}
