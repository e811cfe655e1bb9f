using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.SipTracker.Calls;
using CallMirror.SipTracker.Tests.Captures;
using CallMirror.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.SipTracker.Tests.Calls;

/// <summary>What holds whatever a mirror does to a call's messages.</summary>
public class TrackerPropertyTests
{
    private const int Runs = 2000;

    private static readonly SipMessageCaptured[][] Calls = [Simple(), Refused(), Cancelled(), Forked(), Changed(), CalleeChanges()];

    // Which call, and which of its messages in which order: any permutation with any losses and repetitions.
    private static readonly Gen<(SipMessageCaptured[] Call, int[] Order)> Shuffles = Shuffled(Calls);

    [Fact]
    public void Any_order_repetition_and_loss_gives_at_most_one_start_answer_and_end() =>
        Properties.Hold(Shuffles, shuffle =>
        {
            var tracked = new Tracked();
            Replay(tracked, shuffle.Call, shuffle.Order);

            Assert.InRange(tracked.Count<CallStarted>(), 0, 1);
            Assert.InRange(tracked.Count<CallAnswered>(), 0, tracked.Count<CallStarted>());
            Assert.InRange(tracked.Count<CallEnded>(), 0, tracked.Count<CallStarted>());
            Assert.Equal(tracked.Count<CallStarted>() - tracked.Count<CallEnded>(), tracked.Tracker.ActiveCalls);
        }, Runs);

    [Fact]
    public void Every_start_has_its_end_once_all_timers_have_run_and_nothing_is_kept() =>
        Properties.Hold(Shuffles, shuffle =>
        {
            var tracked = new Tracked();
            Replay(tracked, shuffle.Call, shuffle.Order);
            tracked.Tick(Phone.Epoch.AddDays(1));

            Assert.Equal(tracked.Count<CallStarted>(), tracked.Count<CallEnded>());
            Assert.Equal(0, tracked.Tracker.ActiveCalls);
            Assert.Empty(tracked.Tick(Phone.Epoch.AddDays(2)));
        }, Runs);

    [Fact]
    public void Nothing_of_a_call_comes_before_its_start_or_after_its_end() =>
        Properties.Hold(Shuffles, shuffle =>
        {
            var tracked = new Tracked();
            Replay(tracked, shuffle.Call, shuffle.Order);

            var events = tracked.Events.Cast<CallEvent>().ToList();
            Assert.True(events.Count == 0 || events[0] is CallStarted);
            Assert.DoesNotContain(events.SkipLast(1), e => e is CallEnded);
            Assert.All(events, e => Assert.True(e.At >= events[0].At));
            Assert.Equal(Enumerable.Range(1, tracked.Count<MediaNegotiated>()), events.OfType<MediaNegotiated>().Select(media => media.Version));
        }, Runs);

    // Of these, one shuffle may be several calls under one Call-ID.
    [Fact]
    public void Whatever_is_made_of_forks_hops_and_further_tries_each_call_is_whole() =>
        Properties.Hold(Shuffled([Serial(), Hops(), Retried(), NewTag(), TwoAnswers(), Reused()]), shuffle =>
        {
            var tracked = new Tracked();
            Replay(tracked, shuffle.Call, shuffle.Order);
            tracked.Tick(Phone.Epoch.AddDays(1));

            Assert.Equal(0, tracked.Tracker.ActiveCalls);
            foreach (var call in tracked.Events.Cast<CallEvent>().GroupBy(e => e.StartedAt).Select(call => call.ToList()))
            {
                Assert.IsType<CallStarted>(call[0]);
                Assert.IsType<CallEnded>(call[^1]);
                Assert.Equal((1, 1), (call.Count(e => e is CallStarted), call.Count(e => e is CallEnded)));
                Assert.All(call, e => Assert.True(e.At >= call[0].At));
                Assert.Equal(Enumerable.Range(1, call.Count(e => e is MediaNegotiated)), call.OfType<MediaNegotiated>().Select(media => media.Version));
            }
        }, Runs);

    [Fact]
    public void What_two_captures_saw_gives_the_events_of_one()
    {
        var calls = Calls.Concat([Serial(), Hops(), Retried(), NewTag(), TwoAnswers(), Reused()]).Concat(CallsOfFreeSwitch()).ToArray();
        var seenTwice =
            from call in Gen.Elements(calls)
            from behind in Gen.Choose(0, 20_000).ArrayOf(call.Length)
            select (call, behind);
        Properties.Hold(seenTwice, seen =>
        {
            var (one, two) = (new Tracked(), new Tracked());
            one.Take(seen.call);
            two.Take(Twice(seen.call, seen.behind));

            Assert.Equal(one.Events.Select(Json), two.Events.Select(Json));
        }, runs: 100);
    }

    [Fact]
    public void Neighbours_that_change_places_change_no_event_but_its_time()
    {
        foreach (var call in Calls)
        {
            string[] expected = [.. Events(call).Order()];
            for (int i = 0; i + 1 < call.Length; i++)
            {
                SipMessageCaptured[] swapped = [.. call[..i], call[i + 1], call[i], .. call[(i + 2)..]];
                Assert.Equal(expected, Events(swapped).Order());
            }
        }
    }

    [Fact]
    public void Damaged_messages_never_throw()
    {
        SipMessageCaptured[] whole = [.. Calls.SelectMany(call => call), .. CaptureFile.Messages("transfer-blind"), .. CaptureFile.Messages("register-call")];
        var mutator = new Mutator(20_261_122, [.. whole.Select(message => message.Payload)]);
        var tracker = new CallTracker(new SipTrackerOptions { MaxCalls = 100, InviteTimeout = TimeSpan.FromSeconds(5), IdleTimeout = TimeSpan.FromSeconds(5) });
        int events = 0;
        for (int i = 0; i < 50_000; i++)
        {
            events += tracker.Handle(whole[0] with { Payload = mutator.Next().ToArray(), CapturedAt = Phone.Epoch.AddMilliseconds(i * 20) }).Count;
        }

        Assert.InRange(events, 500, 50_000);
        Assert.InRange(tracker.ActiveCalls, 0, 100);
    }

    private static Gen<(SipMessageCaptured[] Call, int[] Order)> Shuffled(SipMessageCaptured[][] calls) =>
        from call in Gen.Elements(calls)
        from order in Gen.Choose(0, call.Length - 1).ArrayOf()
        select (call, order);

    private static IEnumerable<SipMessageCaptured[]> CallsOfFreeSwitch() =>
        new[] { "busy", "cancel", "hold-resume", "fork", "reneg-codec", "transfer-blind", "register-call" }.Select(name => CaptureFile.Messages(name).ToArray());

    // The other capture sees each message some microseconds later, or milliseconds, after other messages even.
    private static IEnumerable<SipMessageCaptured> Twice(SipMessageCaptured[] call, int[] behind) =>
        call.Concat(call.Select((message, i) => message with { CaptureId = "other", CapturedAt = message.CapturedAt.AddMicroseconds(behind[i]) }))
            .OrderBy(message => message.CapturedAt);

    private static string Json(object happened) => System.Text.Json.JsonSerializer.Serialize(happened, happened.GetType());

    private static void Replay(Tracked tracked, SipMessageCaptured[] call, int[] order)
    {
        var at = Phone.Epoch;
        foreach (int index in order)
            tracked.Take(call[index] with { CapturedAt = at = at.AddMilliseconds(3) });
    }

    private static IEnumerable<string> Events(SipMessageCaptured[] call)
    {
        var tracked = new Tracked();
        Replay(tracked, call, [.. Enumerable.Range(0, call.Length)]);
        return tracked.Events.Select(e => e switch
        {
            MediaNegotiated media => $"media {media.Streams[0].Sender} {media.Streams[0].Receiver}",
            CallEnded ended => $"end {ended.Reason} {ended.StatusCode}",
            CallHeld held => $"held {held.By}",
            _ => e.GetType().Name,
        });
    }

    private static SipMessageCaptured[] Simple()
    {
        var phone = new Phone();
        return [.. phone.Up(), phone.Caller("BYE", 2), phone.Reply(200, 2, method: "BYE")];
    }

    private static SipMessageCaptured[] Refused()
    {
        var phone = new Phone();
        return
        [
            phone.Invite(), phone.Reply(407, 1, tag: "p"), phone.Caller("ACK", 1, to: "p", branch: "z9hG4bK-a1"),
            phone.Invite(cseq: 2), phone.Reply(100, 2), phone.Reply(486, 2), phone.Caller("ACK", 2, branch: "z9hG4bK-a2"),
        ];
    }

    private static SipMessageCaptured[] Cancelled()
    {
        var phone = new Phone();
        return
        [
            phone.Invite(), phone.Reply(183, 1, Phone.CalleeSdp), phone.Caller("CANCEL", 1, to: null), phone.Reply(200, 1, method: "CANCEL"),
            phone.Reply(487, 1), phone.Caller("ACK", 1, branch: "z9hG4bK-a1"),
        ];
    }

    private static SipMessageCaptured[] Forked()
    {
        var phone = new Phone();
        return
        [
            phone.Invite(), phone.Reply(183, 1, "10.0.0.3 6000 RTP/AVP 8", tag: "x"), phone.Reply(180, 1, tag: "b"),
            phone.Reply(200, 1, Phone.CalleeSdp), phone.Ack(), phone.Callee("BYE", 1), phone.ReplyToCallee(200, 1, method: "BYE"),
        ];
    }

    private static SipMessageCaptured[] Changed()
    {
        var phone = new Phone();
        return
        [
            phone.Invite(sdp: null), phone.Reply(200, 1, Phone.CalleeSdp), phone.Ack(1, Phone.CallerSdp),
            phone.Caller("INVITE", 2, Phone.CallerSdp + " sendonly"), phone.Reply(100, 2), phone.Reply(200, 2, Phone.CalleeSdp + " recvonly"), phone.Ack(2),
            phone.Caller("BYE", 3), phone.Reply(200, 3, method: "BYE"),
        ];
    }

    private static SipMessageCaptured[] CalleeChanges()
    {
        var phone = new Phone();
        return
        [
            .. phone.Up(), phone.Callee("INVITE", 70, "10.0.0.2 5002 RTP/AVP 0"), phone.ReplyToCallee(200, 70, "10.0.0.1 4002 RTP/AVP 0"), phone.Callee("ACK", 70),
            phone.Callee("BYE", 71), phone.ReplyToCallee(200, 71, method: "BYE"),
        ];
    }

    private static SipMessageCaptured[] Serial()
    {
        var phone = new Phone();
        return
        [
            phone.Invite(branch: "one"), phone.Reply(183, 1, "10.0.0.3 6000 RTP/AVP 8", tag: "x", branch: "one"), phone.Reply(503, 1, tag: "x", branch: "one"),
            phone.Caller("ACK", 1, to: "x", branch: "one"), phone.After(0.1).Invite(branch: "two"), phone.Reply(200, 1, Phone.CalleeSdp, branch: "two"), phone.Ack(),
            phone.Caller("BYE", 2), phone.Reply(200, 2, method: "BYE"),
        ];
    }

    private static SipMessageCaptured[] Hops()
    {
        var phone = new Phone();
        const string Below = "Via: SIP/2.0/UDP h;branch=up\r\n";
        return
        [
            phone.Invite(branch: "up"), phone.Invite("10.0.9.2 30000 RTP/AVP 8", branch: "down", headers: Below), phone.Reply(183, 1, Phone.CalleeSdp, branch: "down"),
            phone.Reply(183, 1, "10.0.9.1 32000 RTP/AVP 8", branch: "up"), phone.Reply(200, 1, Phone.CalleeSdp, branch: "down"),
            phone.Reply(200, 1, "10.0.9.1 32000 RTP/AVP 8", branch: "up"), phone.Ack(), phone.Callee("BYE", 7), phone.ReplyToCallee(200, 7, method: "BYE"),
        ];
    }

    private static SipMessageCaptured[] Retried()
    {
        var phone = new Phone();
        return
        [
            phone.Invite(), phone.Reply(401, 1, tag: "p"), phone.Caller("ACK", 1, to: "p", branch: "z9hG4bK-a1"),
            phone.Invite(branch: "two", headers: "Authorization: Digest x\r\n"), phone.Reply(200, 1, Phone.CalleeSdp, branch: "two"), phone.Ack(), phone.Caller("BYE", 2),
        ];
    }

    private static SipMessageCaptured[] NewTag()
    {
        var (phone, again) = (new Phone(), new Phone(callerTag: "after").After(0.1));
        return
        [
            phone.Invite(), phone.Reply(407, 1, tag: "p"), phone.Caller("ACK", 1, to: "p", branch: "z9hG4bK-a1"),
            again.Invite(cseq: 2), again.Reply(180, 2), again.Reply(200, 2, Phone.CalleeSdp), again.Ack(2), again.Caller("BYE", 3),
        ];
    }

    private static SipMessageCaptured[] TwoAnswers()
    {
        var phone = new Phone();
        return
        [
            phone.Invite(), phone.Reply(200, 1, "10.0.0.3 6000 RTP/AVP 8", tag: "x"), phone.Reply(200, 1, Phone.CalleeSdp), phone.Caller("ACK", 1, to: "x"), phone.Ack(),
            phone.Caller("BYE", 2, to: "x"), phone.Reply(200, 2, tag: "x", method: "BYE"), phone.Caller("BYE", 3), phone.Reply(200, 3, method: "BYE"),
        ];
    }

    private static SipMessageCaptured[] Reused()
    {
        var phone = new Phone();
        return [.. phone.Up(), phone.Caller("BYE", 2), phone.Reply(200, 2, method: "BYE"), phone.After(0.3).Invite(cseq: 3), phone.Reply(200, 3, Phone.CalleeSdp, tag: "c"), phone.Caller("BYE", 4, to: "c")];
    }
}
