namespace CallMirror.Scripts.Tests.Scripts;

/// <summary>Takes out of a plan what can't go together, or what leaves open whose audio it is.</summary>
internal static class Possible
{
    // What names no address of the wire until it is answered waits no longer than media waits for its call.
    private const int LongestUnnamedMs = 100;
    private const int SetUpMs = 160;

    public static CallPlan Of(CallPlan plan)
    {
        plan = plan.Caller.IsBehindNat ? plan : plan with { RebindAfterMs = 0 };
        if (plan.IsRelayed)
            plan = plan with { Fork = Fork.None, Caller = Seen(plan.Caller), Callee = Seen(plan.Callee), Missing = Missing.None, EarlyMs = 0 };
        // Whether who pauses still speaks, when another speaks meanwhile, is a matter of taste.
        if (plan.OverlayAfterMs > 0)
            plan = plan with { Fork = Fork.None, EarlyMs = 0, HoldAfterMs = 0, MoveAfterMs = 0, MediaEvents = [], IsRelayed = false };
        bool nat = plan.Caller.IsBehindNat || plan.Callee.IsBehindNat;
        if (plan.Fork != Fork.None)
            plan = Forked(plan);
        if (nat || plan.Fork != Fork.None || plan.Callee.Port == 0)
            plan = plan with { Missing = plan.Missing & ~Missing.Answer };
        if (nat && !plan.EarlyIsAnnounced)
            plan = plan with { EarlyMs = Math.Min(plan.EarlyMs, LongestUnnamedMs) };
        if (plan.MoveAfterMs > 0 || plan.HoldAfterMs > 0 || plan.RebindAfterMs > 0)
        {
            bool moves = plan.MoveAfterMs > 0;
            plan = plan with { RebindAfterMs = moves ? 0 : plan.RebindAfterMs, HoldAfterMs = moves ? 0 : plan.HoldAfterMs, MediaEvents = [], TalkMs = Math.Max(plan.TalkMs, 2000) };
        }

        if (plan.ThinMs > 0)
            plan = plan with { MediaEvents = [], EarlyIsAnnounced = true };
        if (plan.MediaEvents.Count > 0)
            plan = plan with { TalkMs = Math.Max(plan.TalkMs, 2200) };
        return plan with { AnswerMs = Math.Max(plan.AnswerMs, plan.EarlyMs + plan.FirstTryEarlyMs + SetUpMs) };
    }

    /// <summary>Others may use the caller's address at the same time: both ends are named, and in time.</summary>
    public static bool CanShare(CallPlan plan) =>
        plan is { Caller.IsBehindNat: false, Callee.IsBehindNat: false, Fork: Fork.None, MoveAfterMs: 0, IsRelayed: false } && !plan.Missing.HasFlag(Missing.Answer)
        && (plan.EarlyIsAnnounced || plan.EarlyMs <= LongestUnnamedMs);

    private static CallPlan Forked(CallPlan plan) => plan with
    {
        Caller = Seen(plan.Caller),
        Callee = Seen(plan.Callee),
        Challenge = Challenge.None,
        NoToTag = false,
        MoveAfterMs = 0,
        HoldAfterMs = 0,
        ThinMs = 0,
        EarlyMs = plan.Fork is Fork.Serial or Fork.NextTry ? 0 : plan.EarlyMs is >= 200 and <= 1500 ? plan.EarlyMs : 600,
        EarlyIsAnnounced = true,
        // Not right yet (docs/protocols/rtp.md): a fork that is held up just when it takes over from one that sings stays as late as it came.
        MediaEvents = plan.Fork is Fork.LoserSings or Fork.BothSing ? [.. plan.MediaEvents.Where(each => each.Kind != MediaEventKind.Stall)] : plan.MediaEvents,
    };

    private static PartyPlan Seen(PartyPlan party) => party with { SdpHost = null, SdpPort = null };
}
