namespace CallMirror.Scripts.Tests.Scripts;

/// <summary>Takes out of a script, part by part, all that its fault does not need.</summary>
internal static class Shrinker
{
    private static readonly Func<CallPlan, CallPlan>[] Simpler =
    [
        call => call with { Challenge = Challenge.None },
        call => call.Fork == Fork.None ? call : call with { Fork = Fork.None, EarlyMs = 0, AnswerMs = 400 },
        call => call with { LoserTailMs = 0 },
        call => call with { EarlyMs = 0, ThinMs = 0, EarlyIsAnnounced = true, AnswerMs = 300 },
        call => call with { Missing = Missing.None },
        call => call with { NoToTag = false },
        call => call with { MoveAfterMs = 0 },
        call => call with { HoldAfterMs = 0 },
        call => call with { IsRelayed = false },
        call => call with { RebindAfterMs = 0 },
        call => call with { OverlayAfterMs = 0 },
        call => call with { FirstTryEarlyMs = 0 },
        call => call with { Refusals = 1 },
        call => call with { ZombieMs = 0 },
        call => call with { LossPercent = 0 },
        call => call with { JitterMs = 0 },
        call => call with { MediaEvents = [] },
        call => call with { TailMs = 0 },
        call => call with { CalleeHangsUp = false },
        call => call with { Caller = call.Caller with { SdpHost = null, SdpPort = null } },
        call => call with { Callee = call.Callee with { SdpHost = null, SdpPort = null } },
        call => call with { CallIdOf = null },
        call => call with { IsIPv6 = false },
        call => call with { Carriage = default },
        .. Enum.GetValues<OnTheWay>().Select(Without),
    ];

    private static Func<CallPlan, CallPlan> Without(OnTheWay what) => call => call with { Carriage = call.Carriage.Without(what) };

    public static Script Shrink(Script script, Predicate<Script> fails)
    {
        while (Smaller(script).FirstOrDefault(each => fails(each)) is { } smaller)
            script = smaller;
        return script;
    }

    private static IEnumerable<Script> Smaller(Script script)
    {
        for (int i = script.Calls.Count - 1; i >= 0 && script.Calls.Count > 1; i--)
            yield return script with { Calls = [.. script.Calls.Where((_, index) => index != i)] };
        if (script.IsDoubled)
            yield return script with { IsDoubled = false };
        if (script.LagMs > 0)
            yield return script with { LagMs = 0 };
        for (int i = 0; i < script.Calls.Count; i++)
        {
            foreach (var simpler in Simpler)
            {
                var call = Possible.Of(simpler(script.Calls[i]));
                if (call != script.Calls[i])
                    yield return script with { Calls = [.. script.Calls.Select((each, index) => index == i ? call : each)] };
            }
        }
    }
}
