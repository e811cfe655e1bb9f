using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>No timer ends a call whose media runs.</summary>
public class MediaRunningTests
{
    private readonly Phone _phone = new();
    private readonly Tracked _tracked = new();

    [Fact]
    public void Ten_minutes_of_early_media_and_then_the_answer_are_one_call()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(183, 1, Phone.CalleeSdp));
        Run(600);
        _tracked.Take(_phone.Reply(200, 1, Phone.CalleeSdp), _phone.Ack());
        Run(300);
        _tracked.Take(_phone.Caller("BYE", 2));

        Assert.Equal((1, 1, EndReason.Bye), (_tracked.Count<CallStarted>(), _tracked.Count<CallAnswered>(), _tracked.Single<CallEnded>().Reason));
    }

    [Fact]
    public void A_session_that_nobody_refreshes_lasts_as_long_as_its_media()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(200, 1, Phone.CalleeSdp, headers: "Session-Expires: 90\r\n"), _phone.Ack());
        Run(600);
        Assert.Equal(0, _tracked.Count<CallEnded>());

        var latest = _phone.Now;
        _tracked.Tick(latest.AddSeconds(31));
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Tick(latest.AddSeconds(33));
        Assert.Equal((EndReason.Timeout, latest.AddSeconds(32)), (_tracked.Single<CallEnded>().Reason, _tracked.Single<CallEnded>().At));
    }

    [Fact]
    public void A_call_of_a_day_is_not_idle()
    {
        var tracked = new Tracked(new SipTrackerOptions { IdleTimeout = TimeSpan.FromMinutes(1) });
        tracked.Take(_phone.Up());
        for (int i = 0; i < 30; i++)
            Assert.Empty(tracked.Tracker.Handle(Running(_phone.After(10).Now)));
    }

    [Fact]
    public void A_cancelled_call_whose_487_was_lost_lasts_as_long_as_its_media()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(183, 1, Phone.CalleeSdp), _phone.Caller("CANCEL", 1, to: null));
        Run(60);
        Assert.Equal(0, _tracked.Count<CallEnded>());
        _tracked.Tick(_phone.Now.AddSeconds(40));
        Assert.Equal(EndReason.Cancelled, _tracked.Single<CallEnded>().Reason);
    }

    [Fact]
    public void Word_that_comes_just_when_the_timer_is_due_comes_in_time()
    {
        _tracked.Take(_phone.Invite(), _phone.Reply(183, 1, Phone.CalleeSdp));
        _phone.After(250);
        Assert.Empty(_tracked.Tracker.Handle(Running(_phone.Now)));
    }

    [Fact]
    public void Word_of_one_call_moves_the_time_of_all()
    {
        _tracked.Take(_phone.Up());
        _tracked.Take(new Phone("other").Invite(), new Phone("other").Reply(407, 1));
        var ended = Assert.IsType<CallEnded>(Assert.Single(_tracked.Tracker.Handle(Running(_phone.After(10).Now))));
        Assert.Equal("other", ended.CallId);
    }

    [Fact]
    public void Word_of_a_call_of_another_epoch_or_of_none_changes_nothing()
    {
        _tracked.Take(_phone.Invite());
        var at = _phone.After(205).Now;
        Assert.Empty(_tracked.Tracker.Handle(Running(at) with { StartedAt = Phone.Epoch.AddDays(-1) }));
        Assert.Empty(_tracked.Tracker.Handle(Running(at) with { CallId = "unheard" }));
        _tracked.Tick(_phone.Now.AddSeconds(10));
        Assert.Equal(EndReason.Timeout, _tracked.Single<CallEnded>().Reason);
    }

    [Fact]
    public void An_ended_call_is_forgotten_in_spite_of_its_media()
    {
        _tracked.Take(_phone.Up().Append(_phone.Caller("BYE", 2)));
        Run(40);
        Assert.Null(_tracked.Tracker.Find(_phone.CallId));
    }

    private void Run(int seconds)
    {
        for (int i = 0; i < seconds; i += 10)
            _tracked.Events.AddRange(_tracked.Tracker.Handle(Running(_phone.After(10).Now)));
    }

    private MediaRunning Running(DateTimeOffset at) => new() { CaptureId = "c", Sequence = 1, CallId = _phone.CallId, StartedAt = Phone.Epoch.AddSeconds(0.01), At = at };
}
