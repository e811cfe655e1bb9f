namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>Holds what the sink stored against what a case says is right: every sample's place, the parties, the end, the digits.</summary>
internal static class CaseJudge
{
    /// <summary>What is wrong by the result that is nearest.</summary>
    public static IReadOnlyList<string> Judge(string expectation, string folder)
    {
        var stored = StoredCall.ReadAll(folder);
        return ExpectedCall.ReadAll(expectation).Select(calls => Judge(calls, stored)).MinBy(faults => faults.Count)!;
    }

    private static List<string> Judge(List<ExpectedCall> calls, List<StoredCall> stored)
    {
        List<string> faults = [];
        List<StoredCall> left = [.. stored];
        foreach (var call in calls)
        {
            var take = left.Where(each => each.CallId == call.CallId).MaxBy(each => RunsAtTheirPlace(call, each));
            if (take is not null)
            {
                left.Remove(take);
                Judge(call, take, faults);
            }
            else if (ExpectedCall.Directions.Any(direction => call.Runs(direction).Count > 0))
            {
                faults.Add($"{call.CallId}: no audio at all");
            }
        }

        faults.AddRange(left.Select(take => $"a call of its own: {take.Name}"));
        return faults;
    }

    private static int RunsAtTheirPlace(ExpectedCall call, StoredCall take) => ExpectedCall.Directions.Where(take.Roles.ContainsKey)
        .Sum(direction => call.Runs(direction).Count(run => take.Roles[direction].Has(run, call.Tolerance)));

    private static void Judge(ExpectedCall call, StoredCall take, List<string> faults)
    {
        if ((take.From, take.To) != (call.From, call.To))
            faults.Add($"{take.Name}: parties {take.From} -> {take.To}");
        if (call.Digits is { } digits && !digits.SequenceEqual(take.Digits))
            faults.Add($"{take.Name}: digits {string.Join(' ', take.Digits)} instead of {string.Join(' ', digits)}");
        foreach (string direction in ExpectedCall.Directions)
        {
            if (take.Roles.TryGetValue(direction, out var role))
                faults.AddRange(Judge(call, direction, role).Select(fault => $"{take.Name} {direction}: {fault}"));
            else if (call.Runs(direction).Count > 0)
                faults.Add($"{take.Name} {direction}: missing, {call.Runs(direction).Sum(run => run.Samples)} samples expected");
        }
    }

    private static IEnumerable<string> Judge(ExpectedCall call, string direction, StoredRole role)
    {
        var runs = call.Runs(direction);
        var either = call.Either(direction);
        int wanted = runs.Sum(run => run.Samples) + either.Select(run => run.Samples).DefaultIfEmpty(0).Max();
        if (role.EndReason != call.Reason)
            yield return $"ended {role.EndReason}, expected {call.Reason}";
        int missing = runs.Where(run => !role.Has(run, call.Tolerance)).Sum(run => run.Samples);
        if (missing > 0)
            yield return $"{missing} of {wanted} samples not at their place";
        if (either.Count > 0 && !either.Any(run => role.Has(run, call.Tolerance)))
            yield return "none of what one of must be there";
        int heard = role.Heard(call.FreeUntil(direction));
        if (heard > wanted)
            yield return $"{heard - wanted} samples too many";
    }
}
