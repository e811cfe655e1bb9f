using System.Collections.Concurrent;
using CallMirror.Scripts.Tests.Scripts;

namespace CallMirror.Scripts.Tests;

/// <summary>
/// Scripts of calls made at random, whose maker knows whose every sample is: through capture and sip-tracker, with answers at once, 0.3 s and 3 s late.
/// <c>CALLMIRROR_LONG=1</c> runs 10,000 of them; <c>CALLMIRROR_CENSUS=1</c> shrinks every one that fails, to say what they fail of;
/// <c>CALLMIRROR_SEED</c> runs one.
/// </summary>
public sealed class RandomScriptTests(ITestOutputHelper output)
{
    private const int Scripts = 500;
    private const int LongScripts = 10_000;
    private const int Printed = 3;

    // Without a limit the thread pool adds a thread every second or so, as none of them ever waits, and each holds a script with all that came of it.
    private static readonly ParallelOptions AsManyAsProcessors = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    private static readonly bool IsCensus = Environment.GetEnvironmentVariable("CALLMIRROR_CENSUS") == "1";

    [Fact]
    public void No_sample_is_lost_doubled_misplaced_or_in_another_call_however_late_the_answers_come()
    {
        var verdicts = new ConcurrentBag<Verdict>();
        Parallel.ForEach(Seeds(), AsManyAsProcessors, seed => verdicts.Add(Verdict.Of(ScriptMaker.Make(seed))));
        var failed = verdicts.Where(verdict => verdict.Faults.Count > 0).OrderBy(verdict => verdict.Script.Seed).ToList();
        Say($"{verdicts.Count} scripts with {verdicts.Sum(each => each.Script.Calls.Count)} calls and {verdicts.Sum(each => (long)each.Packets)} packets, "
            + $"each with answers {string.Join(", ", Verdict.DelaysMs)} ms late: {failed.Count} scripts found a fault, "
            + $"{failed.Count(each => each.FailsAtOnce)} of them with answers at once too");
        var kinds = failed.SelectMany(each => each.Faults.Select(fault => fault.Kind).Distinct()).CountBy(kind => kind);
        foreach (var (kind, count) in kinds.OrderByDescending(each => each.Value))
            Say($"  {count,5} {kind}");

        var shrunk = failed.Take(IsCensus ? int.MaxValue : Printed).AsParallel().AsOrdered().Select(Shrink).ToList();
        foreach (var verdict in shrunk.Take(IsCensus ? 0 : Printed))
            Say(ScriptPrinter.Print(verdict));
        if (IsCensus)
            SayCensus(shrunk);
        string seeds = string.Join(", ", failed.Take(20).Select(each => each.Script.Seed));
        string first = string.Concat(shrunk.Take(1).Select(ScriptPrinter.Print));
        Assert.True(failed.Count == 0, $"{failed.Count} of {verdicts.Count} scripts found a fault; seeds {seeds}; the first:\n{first}");
    }

    private static IEnumerable<int> Seeds()
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("CALLMIRROR_SEED"), out int seed))
            return [seed];
        return Enumerable.Range(1, Environment.GetEnvironmentVariable("CALLMIRROR_LONG") == "1" ? LongScripts : Scripts);
    }

    // What is left fails in one of the ways in which the whole did.
    private static Verdict Shrink(Verdict verdict)
    {
        var kinds = verdict.Faults.Select(fault => fault.Kind).ToHashSet();
        return Verdict.Of(Shrinker.Shrink(verdict.Script, script => Verdict.Of(script).Faults.Any(fault => kinds.Contains(fault.Kind))));
    }

    private void SayCensus(List<Verdict> shrunk)
    {
        var groups = shrunk.GroupBy(each => string.Join(" + ", Features.Of(each.Script).DefaultIfEmpty("plain calls")));
        foreach (var group in groups.OrderByDescending(each => each.Count()))
        {
            string kinds = string.Join(", ", group.SelectMany(each => each.Faults.Select(fault => fault.Kind)).Distinct().Order());
            string when = group.Any(each => each.FailsAtOnce) ? "" : " (late answers only)";
            Say($"  {group.Count(),5} {group.Key}: {kinds}{when}; seeds {string.Join(", ", group.Take(4).Select(each => each.Script.Seed))}");
        }
    }

    private void Say(string text)
    {
        output.WriteLine(text);
        Console.Error.WriteLine(text);
    }
}
