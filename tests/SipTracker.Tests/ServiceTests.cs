using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.InProcess;
using CallMirror.Messaging.Media;
using CallMirror.SipTracker.Store;
using CallMirror.SipTracker.Tests.Calls;
using CallMirror.SipTracker.Tests.Captures;
using CallMirror.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CallMirror.SipTracker.Tests;

/// <summary>sip-tracker as the other services see it: over MassTransit and the media bus.</summary>
public class ServiceTests
{
    private readonly Phone _phone = new();

    [Fact]
    public async Task Events_come_in_their_order_and_the_answer_last()
    {
        await using var host = await TrackerHost.StartAsync();
        var heard = await host.TakeAsync(CaptureFile.Messages("hold-resume").Where(message => message.CallId == "9abf37e65ad28e92"));

        Assert.Equal(
            ["CallStarted", "MediaNegotiated", "MediaNegotiated", "CallAnswered", "CallHeld", "CallResumed", "CallEnded", "SipMessageHandled"],
            heard.Select(one => one.Message.GetType().Name));
        var handled = (SipMessageHandled)heard[^1].Message;
        Assert.Equal(("test", "9abf37e65ad28e92"), (handled.CaptureId, handled.CallId));
    }

    [Fact]
    public async Task What_is_held_back_comes_later_and_in_its_order_and_does_not_add_up()
    {
        var clock = new ManualTimeProvider();
        await using var host = await TrackerHost.StartAsync(
            options => options.AnswerDelay = TimeSpan.FromSeconds(3), services => services.AddSingleton<TimeProvider>(clock));
        List<SipMessageCaptured> messages = [.. _phone.Up(), _phone.Caller("BYE", 2)];
        await host.SendAsync(messages.Select(message => message with { AnswerRequested = true }));
        await host.TakenAsync(messages.Count);

        clock.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal(0, host.Unread);

        bool isOver = false;
        List<object> heard = [];
        while (heard.OfType<SipMessageHandled>().Count() < messages.Count)
            heard.Add(await host.NextAsync(LetPass));

        Assert.Equal(messages.Select(message => message.Sequence), heard.OfType<SipMessageHandled>().Select(answer => answer.Sequence));
        Assert.IsType<CallStarted>(heard[0]);

        // Once, not once a message.
        void LetPass()
        {
            if (!isOver)
                clock.Advance(TimeSpan.FromSeconds(0.2));
            isOver = true;
        }
    }

    [Fact]
    public async Task Who_joins_is_told_of_a_call_what_it_asks_for_as_it_was_said_before()
    {
        await using var host = await TrackerHost.StartAsync();
        var said = (await host.TakeAsync(_phone.Up())).Select(one => one.Message).ToList();

        await host.AskAsync("CallStarted", "CallAnswered", "CallEnded");

        var started = said.OfType<CallStarted>().Single();
        Assert.Equal(started with { Source = null, Destination = null }, await host.NextAsync(() => { }));
        Assert.Equal(said.OfType<CallAnswered>().Single(), await host.NextAsync(() => { }));
        await host.TakeAsync(_phone.Caller("BYE", 2));
        await host.AskAsync("CallStarted", "CallAnswered", "CallEnded");
        Assert.IsType<CallEnded>(await host.NextAsync(() => { }));
    }

    [Fact]
    public async Task Every_group_has_its_lane_when_media_is_announced()
    {
        await using var host = await TrackerHost.StartAsync(options => options.LaneGroups = ["one", "two"]);
        var heard = await host.TakeAsync(_phone.Up());

        Assert.True(heard.First(one => one.Message is MediaNegotiated).HasLane);
        foreach (string group in (string[])["one", "two"])
            await (await host.Media.ConsumeLaneAsync(group, CallKey.Of((CallEvent)heard[0].Message), TestContext.Current.CancellationToken)).DisposeAsync();
    }

    [Fact]
    public async Task A_lane_that_its_owner_has_removed_is_not_opened_again()
    {
        await using var host = await TrackerHost.StartAsync();
        var up = await host.TakeAsync(_phone.Up());
        await host.Media.DeleteLaneAsync("default", CallKey.Of((CallEvent)up[0].Message), TestContext.Current.CancellationToken);
        var heard = await host.TakeAsync(_phone.Caller("INVITE", 2, "10.0.0.1 4444 RTP/AVP 8"), _phone.Reply(200, 2, Phone.CalleeSdp));

        Assert.Contains(heard, one => one.Message is MediaNegotiated { Version: 4 });
        Assert.True(host.Media.WhenNoLanesAsync(TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public async Task An_encrypted_call_gets_no_lane_and_one_warning()
    {
        await using var host = await TrackerHost.StartAsync();
        await host.TakeAsync(_phone.Invite("10.0.0.1 4000 RTP/SAVP 8"), _phone.Reply(183, 1, "10.0.0.2 5000 RTP/SAVP 8"), _phone.Reply(200, 1, "10.0.0.2 5002 RTP/SAVP 8"));

        Assert.True(host.Media.WhenNoLanesAsync(TestContext.Current.CancellationToken).IsCompleted);
        Assert.Equal("Warning: Call call-1 has encrypted media (SRTP): no audio will be pushed for it", Assert.Single(host.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_codec_that_is_not_supported_gets_one_warning()
    {
        await using var host = await TrackerHost.StartAsync();
        await host.TakeAsync(_phone.Invite("10.0.0.1 4000 RTP/AVP 9 8"), _phone.Reply(200, 1, "10.0.0.2 5000 RTP/AVP 9"), _phone.Caller("INVITE", 2, "10.0.0.1 4001 RTP/AVP 9 8"), _phone.Reply(200, 2, "10.0.0.2 5000 RTP/AVP 9"));

        Assert.Equal("Warning: Call call-1: the caller's audio uses none of PCMA and PCMU but G722: it can't be decoded yet", Assert.Single(host.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Start_answer_and_end_are_one_line_each()
    {
        await using var host = await TrackerHost.StartAsync();
        await host.TakeAsync(_phone.Up().Append(_phone.Caller("BYE", 2)));

        Assert.Equal(
            [
                "Information: Call call-1 started: sip:alice@pbx calls sip:bob@pbx (10.0.0.1:5060 -> 10.0.0.2:5060)",
                "Information: Call call-1 answered",
                "Information: Call call-1 ended: bye (null)",
            ],
            host.Log.Lines);
    }

    [Fact]
    public async Task Bad_sip_is_counted_under_its_reason_and_answered()
    {
        await using var host = await TrackerHost.StartAsync();
        var heard = await host.TakeAsync(_phone.Raw("\u0001\u0002"), _phone.Raw("INVITE sip:x SIP/2.0\n\n"));

        Assert.IsType<SipMessageHandled>(Assert.Single(heard).Message);
        Assert.Equal((1, 1, 2), (
            host.Counted("callmirror.sip_tracker.dropped sip-no-start-line"),
            host.Counted("callmirror.sip_tracker.dropped sip-missing-call-id"),
            host.Counted("callmirror.sip_tracker.messages unchanged")));
    }

    [Fact]
    public async Task Calls_are_counted_by_how_they_end()
    {
        await using var host = await TrackerHost.StartAsync();
        await host.TakeAsync(_phone.Invite());
        Assert.Equal((1, 0), (host.Shown("callmirror.sip_tracker.calls inviting"), host.Shown("callmirror.sip_tracker.calls answered")));
        await host.TakeAsync(_phone.Reply(180, 1), _phone.Reply(200, 1, Phone.CalleeSdp), _phone.Ack());
        Assert.Equal(1, host.Counted("callmirror.sip_tracker.calls.active"));
        Assert.Equal((0, 1), (host.Shown("callmirror.sip_tracker.calls inviting"), host.Shown("callmirror.sip_tracker.calls answered")));
        await host.TakeAsync(_phone.Caller("BYE", 2));
        Assert.Equal(0, host.Shown("callmirror.sip_tracker.calls answered"));
        Assert.Equal((3, 2), (host.Counted("callmirror.sip_tracker.messages changed"), host.Counted("callmirror.sip_tracker.messages unchanged")));

        Assert.Equal((0, 1), (host.Counted("callmirror.sip_tracker.calls.active"), host.Counted("callmirror.sip_tracker.calls.ended bye")));
    }

    [Fact(Timeout = 30_000)]
    public async Task With_live_packets_timers_run_while_no_sip_comes()
    {
        var clock = new ManualTimeProvider();
        await using var host = await TrackerHost.StartAsync(options => options.IsLive = true, services => services.AddSingleton<TimeProvider>(clock));
        await host.TakeAsync(_phone.Invite(), _phone.Reply(401, 1));
        var refused = _phone.Now;

        var ended = Assert.IsType<CallEnded>(await host.NextAsync(() => clock.Advance(TimeSpan.FromSeconds(1))));
        Assert.Equal((EndReason.Failed, 401, refused.AddSeconds(5)), (ended.Reason, ended.StatusCode, ended.At));
    }

    [Fact]
    public async Task A_restarted_service_goes_on_with_its_calls_and_announces_nothing_again()
    {
        using var folder = new TemporaryFolder();
        void Configure(SipTrackerOptions options) => options.StatePath = folder.File("calls.db");
        await using (var first = await TrackerHost.StartAsync(Configure))
            await first.TakeAsync(_phone.Up());

        await using var second = await TrackerHost.StartAsync(Configure);
        var heard = await second.TakeAsync(_phone.Caller("BYE", 2));

        Assert.Equal(["CallEnded", "SipMessageHandled"], heard.Select(one => one.Message.GetType().Name));
    }

    [Fact]
    public async Task Media_that_was_found_has_its_lane_when_it_is_announced_and_then_comes_the_answer()
    {
        await using var host = await TrackerHost.StartAsync();
        var heard = await host.TakeAsync(FoundMediaTests.Media(Phone.Epoch, "10.0.0.1:4000", "10.0.0.2:5000"));

        Assert.Equal(["CallStarted", "MediaNegotiated", "SipMessageHandled"], heard.Select(one => one.Message.GetType().Name));
        Assert.True(heard[1].HasLane);
        Assert.Equal(new SipMessageHandled { CaptureId = "test", Sequence = 1, CallId = "rtp-call" }, heard[2].Message);
        Assert.Equal("Information: Call rtp-call found by its media, its SIP was not seen (10.0.0.1:4000 -> 10.0.0.2:5000)", Assert.Single(host.Log.Lines));
        Assert.Equal((1, 1), (host.Counted("callmirror.sip_tracker.calls.active"), host.Counted("callmirror.sip_tracker.media_found")));
    }

    [Fact]
    public async Task What_capture_says_of_its_silence_ends_it_before_what_is_found_next()
    {
        await using var host = await TrackerHost.StartAsync();
        var found = FoundMediaTests.Media(Phone.Epoch, "10.0.0.1:4000", "10.0.0.2:5000");
        await host.TakeAsync(found);
        await host.TellAsync(new CallEnded { CallId = found.CallId, At = Phone.Epoch.AddSeconds(20), Reason = EndReason.MediaTimeout });
        var heard = await host.TakeAsync(found with { CallId = "rtp-next", Sequence = 2, CapturedAt = Phone.Epoch.AddSeconds(21) });

        Assert.Equal(["CallEnded", "CallStarted", "MediaNegotiated", "SipMessageHandled"], heard.Select(one => one.Message.GetType().Name));
        Assert.Equal((1, 1), (host.Counted("callmirror.sip_tracker.calls.active"), host.Counted("callmirror.sip_tracker.calls.ended media-timeout")));
    }

    [Fact]
    public async Task Word_that_media_runs_keeps_a_call_and_moves_the_time_of_others()
    {
        await using var host = await TrackerHost.StartAsync();
        var invited = (CallStarted)(await host.TakeAsync(_phone.Invite()))[0].Message;
        for (int second = 100; second <= 300; second += 100)
            await host.TellAsync(new MediaRunning { CaptureId = "c", Sequence = 1, CallId = _phone.CallId, StartedAt = invited.At, At = invited.At.AddSeconds(second) });
        var heard = await host.TakeAsync(_phone.After(301).Reply(200, 1, Phone.CalleeSdp));

        Assert.Equal(["CallAnswered", "MediaNegotiated", "SipMessageHandled"], heard.Select(one => one.Message.GetType().Name));
    }

    [Fact]
    public async Task A_call_id_that_is_used_again_has_its_ends_and_starts_in_their_order()
    {
        await using var host = await TrackerHost.StartAsync();
        await host.TakeAsync(_phone.Up());
        var heard = await host.TakeAsync(_phone.Invite(cseq: 5));

        Assert.Equal(["CallEnded", "CallStarted", "MediaNegotiated", "SipMessageHandled"], heard.Select(one => one.Message.GetType().Name));
        Assert.Equal((1, 1), (host.Counted("callmirror.sip_tracker.calls.active"), host.Counted("callmirror.sip_tracker.calls.ended timeout")));
    }

    [Fact]
    public async Task Over_a_restart_a_call_that_was_found_stays_one()
    {
        using var folder = new TemporaryFolder();
        void Configure(SipTrackerOptions options) => options.StatePath = folder.File("calls.db");
        var found = FoundMediaTests.Media(Phone.Epoch, "10.0.0.1:4000", "10.0.0.2:5000");
        await using (var first = await TrackerHost.StartAsync(Configure))
            await first.TakeAsync(found);

        await using var second = await TrackerHost.StartAsync(Configure);
        var heard = await second.TakeAsync(found with { CallId = "rtp-again", Sequence = 2 });

        Assert.Equal(["SipMessageHandled"], heard.Select(one => one.Message.GetType().Name));
    }

    [Fact]
    public async Task A_damaged_state_file_stops_the_start_with_one_sentence()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("calls.db"), new string('x', 5000), TestContext.Current.CancellationToken);

        var e = await Assert.ThrowsAsync<CallStoreException>(() => TrackerHost.StartAsync(options => options.StatePath = folder.File("calls.db")));
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task Options_out_of_range_stop_the_start()
    {
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => TrackerHost.StartAsync(options => (options.MaxCalls, options.HoldBack) = (0, TimeSpan.FromDays(1))));
        Assert.Equal(2, e.Failures.Count());
    }

    [Fact]
    public async Task Media_is_announced_only_once_the_lane_could_be_opened_and_nothing_is_left_out()
    {
        int attempts = 0;
        await using var host = await TrackerHost.StartAsync(also: Lanes(_ => attempts++ == 0 ? throw new IOException("the broker is away") : Task.CompletedTask));
        var heard = await host.TakeAsync(_phone.Up());

        Assert.Equal(["CallStarted", "MediaNegotiated", "CallAnswered", "MediaNegotiated", "SipMessageHandled"], heard.Select(one => one.Message.GetType().Name));
        Assert.True(heard[1].HasLane);
    }

    [Fact(Timeout = 30_000)]
    public async Task While_the_lane_of_one_call_can_not_be_opened_other_calls_go_on()
    {
        using var folder = new TemporaryFolder();
        var files = new TaskCompletionSource();
        await using var host = await TrackerHost.StartAsync(
            options => options.StatePath = folder.File("calls.db"), Lanes(callId => callId == _phone.CallId ? files.Task : Task.CompletedTask));
        await host.SendAsync(_phone.Up().Append(_phone.Caller("BYE", 2)));
        var heard = await host.TakeAsync(new Phone("call-2").Up());
        files.SetResult();

        Assert.Equal(
            ["CallStarted call-1", "CallStarted call-2", "MediaNegotiated call-2", "CallAnswered call-2", "MediaNegotiated call-2"],
            heard.SkipLast(1).Select(one => Named(one.Message)));
        foreach (string next in (string[])["MediaNegotiated call-1", "CallAnswered call-1", "MediaNegotiated call-1"])
            Assert.Equal(next, Named(await host.NextAsync(() => { })));
        Assert.Equal("CallEnded call-1", Named(await host.NextAsync(() => { })));
    }

    [Fact(Timeout = 30_000)]
    public async Task What_could_not_be_published_before_the_process_went_is_published_by_the_next_in_its_order()
    {
        using var folder = new TemporaryFolder();
        void Configure(SipTrackerOptions options) => options.StatePath = folder.File("calls.db");
        var never = new TaskCompletionSource();
        await using (var first = await TrackerHost.StartAsync(Configure, Lanes(_ => never.Task)))
        {
            await first.SendAsync(_phone.Up().Append(_phone.Caller("BYE", 2)));
            await first.TakeAsync(new Phone("call-2").Invite(sdp: null));
        }

        await using (var second = await TrackerHost.StartAsync(Configure))
        {
            foreach (string next in (string[])["CallStarted call-1", "MediaNegotiated call-1", "CallAnswered call-1", "MediaNegotiated call-1"])
                Assert.Equal(next, Named(await second.NextAsync(() => { })));
            Assert.Equal("CallEnded call-1", Named(await second.NextAsync(() => { })));
        }

        await using var third = await TrackerHost.StartAsync(Configure);
        Assert.Equal(["SipMessageHandled"], (await third.TakeAsync(_phone.Caller("BYE", 2))).Select(one => one.Message.GetType().Name));
    }

    private static string Named(object message) => $"{message.GetType().Name} {(message as CallEvent)?.CallId}";

    private static Action<IServiceCollection> Lanes(Func<string, Task> opening) => services => services.Replace(
        ServiceDescriptor.Singleton<IMediaBus>(host => new TroubledLanes(host.GetRequiredService<InProcessMediaBus>(), opening)));

    /// <summary>The real bus, at which opening a lane takes what the test says.</summary>
    private sealed class TroubledLanes(InProcessMediaBus bus, Func<string, Task> opening) : IMediaBus
    {
        public TimeSpan PublishLag => bus.PublishLag;

        public async ValueTask OpenLaneAsync(string group, CallKey call, CancellationToken cancellationToken)
        {
            await opening(call.CallId).WaitAsync(cancellationToken);
            await bus.OpenLaneAsync(group, call, cancellationToken);
        }

        public ValueTask<bool> HasLaneAsync(string group, CallKey call, CancellationToken cancellationToken) => bus.HasLaneAsync(group, call, cancellationToken);

        public ValueTask PublishBatchAsync(string callId, MediaBuffer batch, CancellationToken cancellationToken) => bus.PublishBatchAsync(callId, batch, cancellationToken);

        public ValueTask PublishChunkAsync(CallKey call, MediaBuffer chunk, CancellationToken cancellationToken) => bus.PublishChunkAsync(call, chunk, cancellationToken);

        public ValueTask<IMediaConsumer> ConsumeBatchesAsync(CancellationToken cancellationToken) => bus.ConsumeBatchesAsync(cancellationToken);

        public ValueTask<IMediaConsumer> ConsumeLaneAsync(string group, CallKey call, CancellationToken cancellationToken) => bus.ConsumeLaneAsync(group, call, cancellationToken);

        public ValueTask DeleteLaneAsync(string group, CallKey call, CancellationToken cancellationToken) => bus.DeleteLaneAsync(group, call, cancellationToken);

        public ValueTask<IMediaConsumer> TapAsync(CallKey call, CancellationToken cancellationToken) => bus.TapAsync(call, cancellationToken);
    }
}
