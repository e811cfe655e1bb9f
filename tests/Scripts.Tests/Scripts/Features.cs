namespace CallMirror.Scripts.Tests.Scripts;

/// <summary>Names what is out of the ordinary in a script.</summary>
internal static class Features
{
    public static IReadOnlyList<string> Of(Script script)
    {
        var names = script.Calls.SelectMany(Of).Concat(Relations(script.Calls));
        if (script.IsDoubled)
            names = names.Append("mirror doubles");
        if (script.LagMs > 0)
            names = names.Append("directions reordered");
        return [.. names.Distinct().Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Of(CallPlan plan)
    {
        if (plan.Challenge != Challenge.None)
            yield return $"challenge {plan.Challenge}";
        if (plan.Fork != Fork.None)
        {
            yield return plan.Fork is Fork.Serial or Fork.NextTry
                ? $"fork {plan.Fork} {plan.RefusedWith}{(plan.FirstTryEarlyMs > 0 ? " after early media" : "")}"
                : $"fork {plan.Fork}{(plan.LoserTailMs > 0 ? " and loser talks on" : "")}";
        }

        if (plan.Fork == Fork.None && plan.EarlyMs > 0)
            yield return plan.ThinMs > 0 ? "long early media" : plan.EarlyIsAnnounced ? "early media" : "media before any answer";
        foreach (var missing in (Missing[])[Missing.Answer, Missing.Ack, Missing.Bye])
            if (plan.Missing.HasFlag(missing))
                yield return $"{missing} missing";
        if (plan.NoToTag)
            yield return "no To tag";
        if (plan.MoveAfterMs > 0)
            yield return "re-INVITE moves ports";
        if (plan.HoldAfterMs > 0)
            yield return "hold";
        if (plan.Caller.IsBehindNat || plan.Callee.IsBehindNat)
            yield return !plan.Callee.IsBehindNat ? "caller behind NAT" : plan.Caller.IsBehindNat ? "NAT on both sides" : "callee behind NAT";
        if (plan.IsRelayed)
            yield return "two hops";
        if (plan.RebindAfterMs > 0)
            yield return "NAT gives another port";
        if (plan.OverlayAfterMs > 0)
            yield return "two sources at once";
        if (plan.ZombieMs > 0)
            yield return "zombie";
        if (plan.LossPercent > 0)
            yield return "loss";
        if (plan.JitterMs > 0)
            yield return "jitter";
        foreach (var happens in plan.MediaEvents)
            yield return $"{happens.Kind}";
        if (plan.IsIPv6)
            yield return "IPv6";
        foreach (string name in plan.Carriage.Features())
            yield return name;
    }

    private static IEnumerable<string> Relations(IReadOnlyList<CallPlan> calls)
    {
        foreach (var later in calls)
        {
            foreach (var earlier in calls.Where(call => call.Id < later.Id))
            {
                bool atOnce = later.StartMs < earlier.EndMs;
                if (later.CallId == earlier.CallId)
                    yield return "Call-ID again";
                bool caller = Ends(later, later.Caller) == Ends(earlier, earlier.Caller);
                bool callee = Ends(later, later.Callee) == Ends(earlier, earlier.Callee);
                if (caller || callee)
                    yield return atOnce ? "shared media address" : $"next call on {(caller && callee ? "both ports" : caller ? "the caller's port" : "the callee's port")}";
            }
        }
    }

    private static (bool, string, int) Ends(CallPlan call, PartyPlan party) => (call.IsIPv6, party.Host, party.Port);
}
