using System.Collections.Concurrent;
using System.Globalization;
using CallMirror.TestKit.Load;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>
/// Fifty calls at once in real time, through a real broker, while parts are killed, stopped or away: the sink has the same bytes as without, and each
/// stream has one end.
/// </summary>
[Collection(OneAtATime.Name)]
public sealed class KillMatrixTests(KillMatrix matrix) : IClassFixture<KillMatrix>
{
    // Most of a run is waiting.
    private const int AtOnce = 2;

    private static readonly Victim[] All = [Victim.Transcoder, Victim.Gateway, Victim.SipTracker, Victim.Sink, Victim.Broker];

    // Calls begin until the tenth second and end from the twentieth on: the first fault finds some being set up, the second some ending.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(22);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    // Longer than everything that retries waits between two tries.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(46);

    [Fact]
    public Task Each_of_them_killed_twice_costs_not_a_sample() =>
        CostNothingAsync(All.Select(victim => new KillMatrixRow($"{victim}", [new Fault(First, victim), new Fault(Second, victim)])));

    [Fact]
    public Task Each_of_them_stopped_in_order_and_away_for_long_costs_not_a_sample() => CostNothingAsync(
        All.Select(victim => new KillMatrixRow($"{victim}, away for {Long.TotalSeconds:0} s", [new Fault(First, victim) { IsInOrder = true, Away = Long }])));

    [Fact]
    public Task Several_of_them_in_one_run_cost_not_a_sample() => CostNothingAsync(
    [
        new KillMatrixRow("each of them killed twice", [.. All.Concat(All).Select((victim, i) => new Fault(At(i), victim))]),
        new KillMatrixRow("each of them stopped in order", [.. All.Select((victim, i) => new Fault(At(i), victim) { IsInOrder = true })]),
        new KillMatrixRow("Transcoder and Gateway killed together twice", [.. new[] { First, Second }.Select(at => new Fault(at, Victim.Transcoder, Victim.Gateway))]),
    ]);

    private static TimeSpan At(int fault) => TimeSpan.FromSeconds(3) + (fault * Between);

    private async Task CostNothingAsync(IEnumerable<KillMatrixRow> rows)
    {
        var damaged = new ConcurrentQueue<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken };
        await Parallel.ForEachAsync(rows, options, async (row, _) =>
        {
            if (await matrix.DamageAsync(row) is { } damage)
                damaged.Enqueue(damage);
        });
        Assert.True(damaged.IsEmpty, string.Join('\n', damaged));
    }
}

/// <summary>A run of the kill matrix: what happens when.</summary>
internal sealed record KillMatrixRow(string Name, IReadOnlyList<Fault> Schedule);

/// <summary>The load, the files of its run without faults, and the table of what the faults cost.</summary>
public sealed class KillMatrix : IAsyncLifetime
{
    private const int Calls = 50;
    private const int Streams = 2 * Calls;

    // For a run that hangs: a busy machine takes minutes where a quiet one takes seconds.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new();

    private string Load => _folder["load.pcap"];

    public async ValueTask InitializeAsync()
    {
        LoadCapture.Write(Load, new LoadPlan(Calls, Seconds: 20, TimeSpan.FromSeconds(10), SmallLoad.UniquePayload));
        Directory.CreateDirectory(_folder["none"]);
        var (ended, _) = await PlayAsync("none", []);
        Assert.Equal(Streams, ended.Count);
        Assert.Equal(Streams, Directory.GetFiles(_folder[Path.Combine("none", "audio")], "*.pcm").Length);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Plays the load with what is killed when, and compares the sink's files with those of the run without faults.</summary>
    /// <returns>The run's line of the table; null where it cost nothing.</returns>
    internal async Task<string?> DamageAsync(KillMatrixRow run)
    {
        var (ended, took) = await PlayAsync(run.Name, run.Schedule);
        var damage = Damage.Between(_folder[Path.Combine("none", "audio")], _folder[Path.Combine(run.Name, "audio")]);
        string row = string.Create(
            CultureInfo.InvariantCulture,
            $"| {run.Name} | {damage.Files} | {damage.Compared} | {damage.Lost} | {damage.Doubled} | {damage.Different} | {ended.Count} | {took.TotalSeconds:0.0} s |");
        lock (_folder)
            File.AppendAllLines(Path.Combine(AppContext.BaseDirectory, "kill-matrix.md"), [row]);
        bool endedOnce = ended.Count == Streams && ended.Distinct().Count() == Streams;
        return damage.IsNone && endedOnce ? null : string.Join('\n', [row, .. damage.Details, .. NotEndedOnce(ended)]);
    }

    private IEnumerable<string> NotEndedOnce(IReadOnlyList<string> ended)
    {
        var times = ended.CountBy(tag => tag).ToDictionary();
        return Directory.GetFiles(_folder[Path.Combine("none", "audio")], "*.pcm")
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(tag => times.GetValueOrDefault(tag) != 1)
            .Select(tag => $"{tag} ended {times.GetValueOrDefault(tag)} times");
    }

    private async Task<(IReadOnlyList<string> Ended, TimeSpan Took)> PlayAsync(string name, IEnumerable<Fault> schedule)
    {
        string folder = Directory.CreateDirectory(_folder[name]).FullName;
        long started = TimeProvider.System.GetTimestamp();
        var run = await FaultyRun.StartAsync(folder);
        await using (run)
            await run.PlayAsync(Load, Streams, schedule, Limit);
        return (run.EndedTags, TimeProvider.System.GetElapsedTime(started));
    }
}
