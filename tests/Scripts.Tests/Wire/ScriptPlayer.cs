using CallMirror.Scripts.Tests.Scripts;
using CallMirror.Scripts.Tests.Truth;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>Makes the frames of a script, and its truth.</summary>
internal static class ScriptPlayer
{
    private const int OthersEveryMs = 250;

    // Time goes on after the last call, or no file would show that the answers to its last messages change nothing.
    private const int AfterwardsMs = 5000;
    private const int OverlayMs = 1000;

    public static Stage Play(Script script)
    {
        var stage = new Stage(script.Seed);
        foreach (var plan in script.Calls.Select(Addresses.OnTheWire))
        {
            new SipPlayer(plan, stage, script.LagMs).Play();
            Speak(plan, stage, script);
        }

        OtherPeople(stage, script.Calls.Select(call => call.EndMs + Math.Max(call.ZombieMs, call.TailMs)).DefaultIfEmpty(0).Max() + AfterwardsMs);
        return stage;
    }

    private static void Speak(CallPlan plan, Stage stage, Script script)
    {
        var times = new CallTimes(plan);
        bool callerIsEarly = plan is { EarlyMs: > 0, EarlyIsAnnounced: true, Fork: Fork.None, ThinMs: 0 } && plan.Id % 2 == 0;
        var caller = new Talker(plan, stage, script.Seed, role: 0, source: 0, script.LagMs) { Duty = ms => Talker.UntilBye(times, ms) };
        caller.Talk(callerIsEarly ? times.EarlyBegin + 20 : times.Answer + 20, times.Bye + Math.Max(plan.ZombieMs, plan.TailMs), plan.Caller, plan.Callee);

        bool calleeIsEarly = plan.EarlyMs > 0 && plan.Fork is Fork.None or Fork.BothSing or Fork.NextTry;
        var callee = new Talker(plan, stage, script.Seed, role: 1, source: 0, lagMs: 0)
        {
            Duty = ms => plan.Fork == Fork.BothSing && ms < times.Answer ? Duty.May : Talker.UntilBye(times, ms),
        };
        callee.Talk(calleeIsEarly ? times.EarlyBegin : times.Answer + 5, times.Bye + plan.TailMs, plan.Callee, plan.Caller);
        if (plan.Fork is Fork.LoserSings or Fork.BothSing)
            Lose(plan, stage, script.Seed, times);
        if (plan.Fork == Fork.NextTry)
            TryFirst(plan, stage, script.Seed);
        if (plan.OverlayAfterMs > 0)
            SpeakOver(plan, stage, script.Seed, times);
    }

    private static void TryFirst(CallPlan plan, Stage stage, int seed)
    {
        int begin = plan.StartMs + SipPlayer.FirstTryBeginsMs;
        var first = new Talker(plan, stage, seed, role: 1, source: 1, lagMs: 0) { Duty = _ => Duty.Must };
        first.Talk(begin, begin + plan.FirstTryEarlyMs, SipPlayer.LoserOf(plan), plan.Caller);
    }

    // The one that began first and still runs is the role's.
    private static void SpeakOver(CallPlan plan, Stage stage, int seed, CallTimes times)
    {
        int begin = times.Answer + plan.OverlayAfterMs;
        new Talker(plan, stage, seed, role: 1, source: 2, lagMs: 0) { Duty = _ => Duty.Nowhere }.Talk(begin, begin + OverlayMs, plan.Callee, plan.Caller);
    }

    private static void Lose(CallPlan plan, Stage stage, int seed, CallTimes times)
    {
        var loser = new Talker(plan, stage, seed, role: 1, source: 1, lagMs: 0) { Duty = ms => ms < times.Answer ? Duty.May : Duty.Nowhere };
        loser.Talk(times.EarlyBegin + 7, times.Answer + plan.LoserTailMs, SipPlayer.LoserOf(plan), plan.Caller);
    }

    private static void OtherPeople(Stage stage, int untilMs)
    {
        var (phone, registrar) = (Addresses.Of("198.18.0.1", 5060), Addresses.Of("198.18.0.2", 5060));
        for (int ms = -500, i = 1; ms < untilMs; ms += OthersEveryMs, i++)
            stage.Udp(ms * 1000L, phone, registrar, SipText.Request(new SipLine("others", "o", null, i, "OPTIONS", $"o{i}")));
    }
}
