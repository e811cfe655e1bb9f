using System.Globalization;
using System.Text;
using CallMirror.Scripts.Tests.Scripts;

namespace CallMirror.Scripts.Tests;

/// <summary>Writes a script and what is wrong with its output, for a person.</summary>
internal static class ScriptPrinter
{
    private const int MaxFaults = 6;

    public static string Print(Verdict verdict)
    {
        var text = new StringBuilder();
        var script = verdict.Script;
        text.Append(CultureInfo.InvariantCulture, $"seed {script.Seed}: {string.Join(", ", Features.Of(script).DefaultIfEmpty("plain calls"))}\n");
        foreach (var call in script.Calls)
        {
            text.Append(CultureInfo.InvariantCulture, $"  call {call.Id} ({call.CallId}): {Party(call.Caller)} -> {Party(call.Callee)}, INVITE {call.StartMs}, ");
            text.Append(CultureInfo.InvariantCulture, $"200 {call.AnsweredMs}, BYE {call.EndMs} ms by {(call.CalleeHangsUp ? "callee" : "caller")}: ");
            text.Append(CultureInfo.InvariantCulture, $"{string.Join(", ", Features.Of(script with { Calls = [call] }))}\n");
            text.Append(CultureInfo.InvariantCulture, $"    early {call.EarlyMs}, loser {call.LoserTailMs}, move {call.MoveAfterMs}, hold {call.HoldAfterMs}, ");
            text.Append(CultureInfo.InvariantCulture, $"tail {call.TailMs}, zombie {call.ZombieMs}, loss {call.LossPercent} %, jitter {call.JitterMs}");
            text.Append(CultureInfo.InvariantCulture, $"{string.Concat(call.MediaEvents.Select(each => $", {each}"))}\n");
        }

        foreach (var fault in verdict.Faults.Take(MaxFaults))
            text.Append(CultureInfo.InvariantCulture, $"  ! {fault}\n");
        if (verdict.Faults.Count > MaxFaults)
            text.Append(CultureInfo.InvariantCulture, $"  ! and {verdict.Faults.Count - MaxFaults} more\n");
        return text.ToString();
    }

    private static string Party(PartyPlan party) => $"{party.Host}:{party.Port}{(party.IsBehindNat ? $" (says {party.AnnouncedHost}:{party.AnnouncedPort})" : "")}";
}
