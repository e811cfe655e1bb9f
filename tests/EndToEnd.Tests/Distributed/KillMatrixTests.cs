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
    private static readonly Victim[] All = [Victim.Transcoder, Victim.Gateway, Victim.SipTracker, Victim.Sink, Victim.Broker];

    // Calls begin until the tenth second and end from the twentieth on: the first kill finds some being set up, the second some ending.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(22);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    // Longer than everything that retries waits between two tries.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(46);

    [Theory]
    [InlineData(nameof(Victim.Transcoder))]
    [InlineData(nameof(Victim.Gateway))]
    [InlineData(nameof(Victim.SipTracker))]
    [InlineData(nameof(Victim.Sink))]
    [InlineData(nameof(Victim.Broker))]
    public async Task Killed_twice_in_a_run_it_costs_not_a_sample(string victim)
    {
        var killed = Enum.Parse<Victim>(victim);

        await matrix.ExpectNoDamageAsync(victim, [new Fault(First, killed), new Fault(Second, killed)]);
    }

    [Fact]
    public async Task All_of_them_killed_twice_in_one_run_cost_not_a_sample() =>
        await matrix.ExpectNoDamageAsync("all, twice", All.Concat(All).Select((victim, i) => new Fault(At(i), victim)));

    [Theory]
    [InlineData(nameof(Victim.Transcoder))]
    [InlineData(nameof(Victim.Gateway))]
    [InlineData(nameof(Victim.SipTracker))]
    public async Task Stopped_in_order_and_away_for_long_it_costs_not_a_sample(string victim) => await matrix.ExpectNoDamageAsync(
        $"{victim}, away for {Long.TotalSeconds:0} s", [new Fault(First, Enum.Parse<Victim>(victim)) { IsInOrder = true, Away = Long }]);

    [Fact]
    public async Task A_broker_that_is_stopped_in_order_and_away_for_long_costs_not_a_sample() => await matrix.ExpectNoDamageAsync(
        "Broker, away for 46 s", [new Fault(First, Victim.Broker) { IsInOrder = true, Away = Long }]);

    [Fact]
    public async Task All_of_them_stopped_in_order_in_one_run_cost_not_a_sample() =>
        await matrix.ExpectNoDamageAsync("all, stopped", All.Select((victim, i) => new Fault(At(i), victim) { IsInOrder = true }));

    [Fact]
    public async Task Transcoder_and_gateway_killed_together_twice_cost_not_a_sample() => await matrix.ExpectNoDamageAsync(
        "Transcoder and gateway", [new Fault(First, Victim.Transcoder, Victim.Gateway), new Fault(Second, Victim.Transcoder, Victim.Gateway)]);

    [Fact]
    public async Task A_sink_that_is_stopped_in_order_and_away_for_long_costs_not_a_sample() => await matrix.ExpectNoDamageAsync(
        "Sink, away for 46 s", [new Fault(First, Victim.Sink) { IsInOrder = true, Away = Long }]);

    private static TimeSpan At(int fault) => TimeSpan.FromSeconds(3) + (fault * Between);
}

/// <summary>The load, the files of its run without faults, and the table of what the faults cost.</summary>
public sealed class KillMatrix : IAsyncLifetime
{
    private const int Calls = 50;
    private const int Streams = 2 * Calls;

    // For a run that hangs: a busy machine takes minutes where a quiet one takes seconds.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

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
    internal async Task ExpectNoDamageAsync(string name, IEnumerable<Fault> schedule)
    {
        var (ended, took) = await PlayAsync(name, schedule);
        var damage = Damage.Between(_folder[Path.Combine("none", "audio")], _folder[Path.Combine(name, "audio")]);
        string row = string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {damage.Files} | {damage.Compared} | {damage.Lost} | {damage.Doubled} | {damage.Different} | {ended.Count} | {took.TotalSeconds:0.0} s |");
        await File.AppendAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "kill-matrix.md"), [row], TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(row);
        Assert.True(damage.IsNone, row);
        Assert.Equal(Streams, ended.Count);
        Assert.Equal(Streams, ended.Distinct().Count());
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
