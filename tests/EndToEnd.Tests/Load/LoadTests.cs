using System.Text.Json;
using CallMirror.AllInOne.Commands;
using CallMirror.AllInOne.Load;
using CallMirror.AllInOne.Reporting;
using CallMirror.Capture.Synthetic;

namespace CallMirror.EndToEnd.Tests.Load;

/// <summary><c>load</c> in one process: a handful of calls, every sample compared.</summary>
public sealed class LoadTests
{
    private const int Calls = 5;
    private const int Seconds = 3;

    [Fact]
    public async Task Made_up_calls_arrive_sample_by_sample()
    {
        using var folder = new TemporaryFolder();
        using var result = new StringWriter();
        var options = new LoadOptions { Plan = new LoadPlan { Calls = Calls, Seconds = Seconds, Ramp = TimeSpan.FromMilliseconds(500) } };

        int code = await LoadCommand.RunAsync(options, json: true, folder["load.svg"], new CommandOutput(result, TextWriter.Null), TestContext.Current.CancellationToken);

        Assert.Equal(0, code);
        AssertWhole(result.ToString(), "embedded", ["callmirror"]);
        Assert.Contains("</svg>", await File.ReadAllTextAsync(folder["load.svg"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_load_that_is_interrupted_says_what_it_has_seen()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = new LoadRun(new LoadOptions { Plan = new LoadPlan { Calls = 2, Seconds = 600, Ramp = TimeSpan.Zero } }, new CommandOutput(TextWriter.Null, TextWriter.Null), TimeProvider.System);
        var running = run.ExecuteAsync(stopping.Token);
        await Eventually.HoldsAsync(() => run.Tally.Latency.Count > 100, "audio arrives");

        await stopping.CancelAsync();

        var result = await running;
        Assert.Equal("stopped before all calls had ended", result.Failure);
        Assert.Equal((0, 0, 0), (result.Lost, result.Different, result.StreamsEnded));
        Assert.True(result.SamplesOut > 100 * 320);
    }

    [Fact]
    public async Task Listeners_that_refuse_hang_or_are_slow_cost_the_one_beside_them_nothing()
    {
        var plan = new LoadPlan { Calls = Calls, Seconds = Seconds, Ramp = TimeSpan.Zero };
        var options = new LoadOptions { Plan = plan, Beside = [Trouble.Refuse, Trouble.Hang, Trouble.Slow] };

        var result = await new LoadRun(options, new CommandOutput(TextWriter.Null, TextWriter.Null), TimeProvider.System).ExecuteAsync(TestContext.Current.CancellationToken);

        Assert.Null(result.Failure);
        Assert.Equal([Trouble.Refuse, Trouble.Hang, Trouble.Slow], result.Beside.Select(beside => beside.Trouble));
        // Each retry waits, and waits longer than the one before: a storm would be thousands.
        Assert.All(result.Beside, beside => Assert.InRange(beside.Connections, 1, 2 * Calls * 20));
    }

    internal static void AssertWhole(string json, string shape, string[] processes)
    {
        using var report = JsonDocument.Parse(json);
        long Number(string name) => report.RootElement.GetProperty(name).GetInt64();
        Assert.Equal(shape, report.RootElement.GetProperty("shape").GetString());
        Assert.Equal(Calls * ((2 * Seconds * 50) + 7), Number("packets_in"));
        Assert.Equal(Calls * 2 * Seconds * 16_000, Number("samples_out"));
        Assert.Equal((0, 0, 2 * Calls), (Number("samples_lost"), Number("samples_different"), Number("streams_ended")));
        Assert.True(report.RootElement.GetProperty("latency_ms").GetProperty("p50").GetInt32() > 0);
        Assert.Equal(processes, report.RootElement.GetProperty("processes").EnumerateArray().Select(process => process.GetProperty("name").GetString()));
        Assert.All(report.RootElement.GetProperty("processes").EnumerateArray(), process => Assert.True(process.GetProperty("memory_bytes").GetInt64() > 0));
    }
}
