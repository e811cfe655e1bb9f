namespace CallMirror.EndToEnd.Tests;

/// <summary><c>run</c> and <c>demo</c> as processes: what they say, what they leave, and how they stop.</summary>
public sealed class RunCommandTests : IDisposable
{
    private static readonly TimeSpan CleanStop = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Json_has_a_line_for_each_call_and_stream_with_the_numbers_of_an_independent_reading()
    {
        var result = await CommandLine.RunAsync("run", "--pcap", TestData.Capture("hold-resume"), "--speed", "max", "--sink", _folder.Path, "--json");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal($"audio files: {_folder.Path}", Assert.Single(result.ErrorLines));
        var report = Report.Parse(result.Output);
        Assert.Equal(Scenario.CallIds("hold-resume"), report.Calls.Select(call => call.GetProperty("call_id").GetString()!).ToHashSet());
        Assert.Equal(
            Scenario.Streams("hold-resume").Select(stream => stream.GetProperty("packets").GetInt64()).Order(),
            report.Streams.Select(stream => stream.GetProperty("packets").GetInt64()).Order());
        Assert.All(report.Calls, call =>
        {
            Assert.Equal("bye", call.GetProperty("end_reason").GetString());
            Assert.Equal("PCMA", Assert.Single(call.GetProperty("codecs").EnumerateArray()).GetString());
            Assert.True(call.GetProperty("started_at").GetDateTimeOffset() <= call.GetProperty("answered_at").GetDateTimeOffset());
            Assert.True(call.GetProperty("answered_at").GetDateTimeOffset() < call.GetProperty("ended_at").GetDateTimeOffset());
            Assert.False(call.GetProperty("encrypted").GetBoolean());
        });
        Assert.Equal(1, report.Call("9abf37e65ad28e92").GetProperty("holds").GetInt32());
        Assert.All(report.Streams, AssertDelivered);
    }

    [Fact]
    public async Task Without_json_a_table_lists_the_calls()
    {
        var result = await CommandLine.RunAsync("run", "--pcap", TestData.Capture("cancel"), TestData.Capture("pcmu"), "--speed", "max", "--sink", _folder.Path);

        Assert.Equal(0, result.ExitCode);
        Assert.All(Scenario.CallIds("cancel").Concat(Scenario.CallIds("pcmu")), callId => Assert.Contains(callId, result.Output, StringComparison.Ordinal));
        Assert.Contains("cancelled", result.Output, StringComparison.Ordinal);
        Assert.Contains("2 calls", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_ends_by_itself_and_leaves_the_audio()
    {
        var result = await CommandLine.RunAsync("demo", "--speed", "max", "--exit", "--page-port", "0", "--dir", _folder.Path);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("http://127.0.0.1:", result.Errors, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, result.Errors, StringComparison.Ordinal);
        Assert.Equal(4 + 2, Directory.GetFiles(_folder.Path, "*.wav").Select(Wav.Read).Count(wav => wav.Rate == 16000 && wav.Samples.Length > 9 * 16000));
        Runs.AssertExact(GroundTruth.Read(TestData.Capture("bridge-pcma")), Runs.DecodedStreams(_folder.Path));
    }

    [Fact]
    public async Task Interrupted_in_mid_call_it_ends_cleanly_with_all_audio_up_to_there()
    {
        using var command = CommandLine.StartInteractive("run", "--pcap", TestData.Capture("bridge-pcma"), "--sink", _folder.Path, "--json");
        await Eventually.HoldsAsync(() => Bytes("*.pcm") > 4 * 16000, "half a second of each stream is stored");

        await command.InterruptAsync();
        var result = await command.WaitAsync(CleanStop);

        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal($"audio files: {_folder.Path}", Assert.Single(result.ErrorLines));
        Assert.All(Report.Parse(result.Output).Calls, call => Assert.Equal("stopped", call.GetProperty("end_reason").GetString()));
        Assert.All(Sidecar.ReadAll(_folder.Path).Values, call => Assert.All(call.Streams, stream => Assert.Equal("stopped", stream.GetProperty("end_reason").GetString())));
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.part"));
        var truth = GroundTruth.Read(TestData.Capture("bridge-pcma"));
        Assert.All(Runs.DecodedStreams(_folder.Path), stream =>
        {
            Assert.Equal(Wav.Read(_folder[stream.Key + ".wav"]).Samples, Runs.Samples(_folder[stream.Key + ".pcm"]));
            Assert.InRange(stream.Value.Length, 4000, 5 * 8000);
            Assert.Contains(truth, whole => Begins(whole, stream.Value));
        });
    }

    [Fact]
    public async Task A_sink_stops_cleanly()
    {
        using var command = CommandLine.StartInteractive("sink", "--port", "0", "--page-port", "0", "--dir", _folder.Path);
        await Eventually.HoldsAsync(() => command.Errors.Contains("listening on ws://", StringComparison.Ordinal), "it listens");

        await command.InterruptAsync();

        Assert.Equal(0, (await command.WaitAsync(CleanStop)).ExitCode);
    }

    private static void AssertDelivered(System.Text.Json.JsonElement stream)
    {
        var pushed = Assert.Single(stream.GetProperty("pushed").EnumerateArray());
        long samples = pushed.GetProperty("samples").GetInt64();
        Assert.Equal(16000, pushed.GetProperty("sample_rate").GetInt32());
        Assert.InRange(samples, 2 * stream.GetProperty("captured_samples").GetInt64(), long.MaxValue);
        Assert.Equal(pushed.GetProperty("position").GetInt64(), pushed.GetProperty("start").GetInt64() + samples);
        Assert.Equal(pushed.GetProperty("position").GetInt64(), pushed.GetProperty("acked_position").GetInt64());
        Assert.Equal((samples + 319) / 320, pushed.GetProperty("frames").GetInt64());
        Assert.Equal((0, 0), (pushed.GetProperty("gaps").GetInt64(), pushed.GetProperty("reconnects").GetInt32()));
        Assert.Equal("bye", pushed.GetProperty("end_reason").GetString());
        foreach (string name in (string[])["lost", "duplicates", "late", "reordered"])
            Assert.Equal(0, stream.GetProperty(name).GetInt64());
        Assert.InRange(stream.GetProperty("jitter_ms").GetDouble(), 0.001, 20);
    }

    // Up to the stop the stream is the whole one, silence and all.
    private static bool Begins(TrueStream whole, short[] audio)
    {
        int packets = 0, samples = 0;
        while (packets < whole.Packets.Count && samples + whole.Packets[packets].Samples.Length <= audio.Length)
            samples += whole.Packets[packets++].Samples.Length;
        return Exactness.Fault(whole with { Packets = [.. whole.Packets.Take(packets)] }, audio) is null;
    }

    private long Bytes(string pattern) => Directory.GetFiles(_folder.Path, pattern).Sum(path => new FileInfo(path).Length);
}
