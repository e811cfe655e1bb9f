using System.Text.Json;
using CallMirror.AllInOne.Commands;
using CallMirror.EndToEnd.Tests.Distributed;

namespace CallMirror.EndToEnd.Tests.Consumers;

/// <summary>The consumers of <c>examples</c> beside the whole pipeline: five processes and a real broker.</summary>
[Collection(OneAtATime.Name)]
public sealed class ExamplesTests(BrokerOfTests broker) : IClassFixture<BrokerOfTests>
{
    private const string Bridged = "a79de987c91a22e3";
    private const string Held = "9abf37e65ad28e92";

    private static readonly string[] Languages = ["python", "node"];

    // In the order in which they were captured.
    private static readonly string[] Captures = [.. new[] { "cancel", "busy", "bridge-pcma", "hold-resume" }.Select(TestData.Capture)];

    [Fact]
    public async Task Their_wavs_are_the_sinks_sample_by_sample_and_their_lists_have_each_call_with_its_end()
    {
        using var folder = new TemporaryFolder();
        var run = await Runs.ToSinkAsync(new Input(Captures, Device: null, Filter: null, Speed: null), folder["sink"]);
        Assert.Equal(0, run.ExitCode);
        using var recording = new Consumers(broker.Uri, folder);
        await recording.StartAsync();

        await PlayAsync(folder);

        foreach (var (call, language, wav) in recording.Wavs)
        {
            Assert.True(await wav.EndsAsync() == 0, wav.Said);
            var sink = Sidecar.ReadAll(folder["sink"])[call];
            var expected = Wav.Read(folder[Path.Combine("sink", sink.Text("stereo_wav")!)]);
            var heard = Wav.Read(folder[$"{language}-{call}.wav"]);
            Assert.Equal((expected.Rate, expected.Channels), (heard.Rate, heard.Channels));
            Assert.True(expected.Samples.AsSpan().SequenceEqual(heard.Samples), $"{language}, {call}: {expected.Samples.Length} and {heard.Samples.Length} samples");
            Assert.NotEmpty(heard.Samples);
        }

        foreach (var list in recording.Lists)
            await AssertListAsync(list, run.Report);
    }

    // What order calls end in among each other is of no concern: each call's own lines have one.
    private static async Task AssertListAsync(ForeignProcess list, Report report)
    {
        Assert.Equal(6, report.Calls.Count);
        await Eventually.HoldsAsync(() => report.Calls.All(call => Of(call, list).Any(line => line.StartsWith("ended ", StringComparison.Ordinal))), $"all calls have ended:\n{list.Said}");
        foreach (var call in report.Calls)
        {
            var lines = Of(call, list).Where(line => !line.StartsWith("quality", StringComparison.Ordinal)).ToList();
            string status = call.TryGetProperty("status_code", out var code) ? $" {code.GetInt32()}" : "";
            Assert.Equal($"started {call.GetProperty("from").GetString()} -> {call.GetProperty("to").GetString()}", lines[0]);
            Assert.Equal($"ended {call.GetProperty("end_reason").GetString()}{status}", lines[^1]);
            Assert.Equal(call.TryGetProperty("answered_at", out _), lines.Contains("answered"));
            Assert.Equal(call.GetProperty("codecs").GetArrayLength() > 0, lines.Any(line => line.StartsWith("media caller PCMA, callee PCMA", StringComparison.Ordinal)));
            Assert.Equal(call.GetProperty("holds").GetInt32(), lines.Count(line => line == "held by caller"));
            Assert.Equal(call.GetProperty("holds").GetInt32(), lines.Count(line => line == "resumed by caller"));
        }
    }

    /// <summary>What a list says of a call, without time, name and count.</summary>
    private static List<string> Of(JsonElement call, ForeignProcess list) => [.. list.Lines
        .Where(line => line.Contains($" {call.GetProperty("call_id").GetString()} ", StringComparison.Ordinal))
        .Select(line => line.Split(' ', 3)[2]).Select(line => line[..line.LastIndexOf(" (", StringComparison.Ordinal)])];

    private async Task PlayAsync(TemporaryFolder folder)
    {
        using var fleet = new ServiceFleet(broker.Uri);
        var (_, url) = await fleet.StartSinkAsync(folder["distributed"]);
        fleet.StartGateway(url);
        fleet.StartTranscoder();
        fleet.StartSipTracker(folder["calls.db"]);
        var source = fleet.StartCapture(string.Join(',', Captures), "max");
        Assert.True(await source.Ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken) == 0, string.Join('\n', source.Lines));
        await Eventually.HoldsAsync(() => Sidecar.EndedStreams(folder["distributed"]) == Sidecar.EndedStreams(folder["sink"]), "all streams have ended");
        await fleet.StopAllAsync();
    }

    /// <summary>Each example in each language, for two of the calls.</summary>
    private sealed class Consumers(string broker, TemporaryFolder folder) : IDisposable
    {
        public List<(string Call, string Language, ForeignProcess Process)> Wavs { get; } = [];

        public List<ForeignProcess> Lists { get; } = [];

        /// <summary>Returns once none can miss anything.</summary>
        public async Task StartAsync()
        {
            foreach (string language in Languages)
            {
                Lists.Add(ForeignProcess.Example(language, "calls", "--broker", broker));
                foreach (string call in new[] { Bridged, Held })
                    Wavs.Add((call, language, ForeignProcess.Example(language, "wav", call, folder[$"{language}-{call}.wav"], "--broker", broker)));
            }

            foreach (var list in Lists)
                await list.SaysAsync("following calls");
            foreach (var (call, _, wav) in Wavs)
                await wav.SaysAsync($"waiting for {call}");
        }

        public void Dispose()
        {
            foreach (var process in Wavs.Select(wav => wav.Process).Concat(Lists))
                process.Dispose();
        }
    }
}
