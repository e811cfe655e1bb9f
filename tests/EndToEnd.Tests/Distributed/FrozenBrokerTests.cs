using System.Globalization;
using System.Text.RegularExpressions;
using CallMirror.AllInOne.Processes;
using CallMirror.TestKit.Broker;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>
/// The broker is frozen (SIGSTOP) in mid call and goes on later: connections stay up and take nothing. What capture has room for arrives, and of the rest
/// its counters, its log and the listener hear how much it was.
/// </summary>
[Collection(OneAtATime.Name)]
public sealed partial class FrozenBrokerTests
{
    private const int Calls = 4;
    private const int Rate = 16_000;

    // Not a quarter of what capture has to keep meanwhile.
    private const int SmallWindow = 128 * 1024;

    // As in a container of 256 MiB: less than a tenth of it is needed, and the bounds that follow are far above what comes.
    private const int HeapMebibytes = 192;
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(7);

    [Fact]
    public async Task What_there_is_room_for_is_kept_and_arrives_whole()
    {
        var seen = await RunAsync();

        Assert.All(seen.Streams, stream => Assert.Empty(stream.Gaps));
        Assert.Equal(0, seen.DroppedMessages);
        Assert.DoesNotContain(seen.CaptureLines, line => DroppedLine().IsMatch(line));
        // Half of what the heap may take beyond capture's own 96 MiB.
        const string Bounds = "48 MiB of windows, 19.2 MiB of RTP without a call and 9.6 MiB of SIP and call events may wait, of 192 MiB";
        Assert.Single(seen.CaptureLines, line => line.Contains(Bounds, StringComparison.Ordinal));
        Assert.Equal(48L << 20, seen.WindowLimit, tolerance: 16.0);
    }

    [Fact]
    public async Task What_has_no_room_is_a_gap_of_its_size_counted_and_one_line_of_log()
    {
        var seen = await RunAsync(("Broker__WindowBytes", SmallWindow.ToString(CultureInfo.InvariantCulture)));

        long lost = seen.Streams.Sum(stream => stream.Gaps.Sum(gap => gap.Samples));
        Assert.True(lost > 0, "the window never was full");
        // G.711 has a byte a sample at half the rate; with history and heads a message has some more.
        Assert.InRange(seen.DroppedBytes, lost / 2, lost);
        Assert.True(seen.DroppedMessages > 0);
        var said = seen.CaptureLines.Select(line => DroppedLine().Match(line)).Where(line => line.Success).ToList();
        Assert.InRange(said.Count, 1, 2);
        Assert.Equal((long)seen.DroppedMessages, said.Sum(line => long.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture)));
        Assert.Equal(SmallWindow, seen.WindowLimit);
    }

    private static async Task<Seen> RunAsync(params (string, string)[] bounds)
    {
        await using var broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        using var load = new SmallLoad(Calls, seconds: 26);
        var whole = await load.WholeAsync();
        await using var listener = await PlainListener.StartAsync(folder.Path);
        using var fleet = new ServiceFleet(broker.Uri);
        foreach (var child in new[] { Gateway(fleet, listener.Url), fleet.StartTranscoder(), fleet.StartSipTracker(folder["calls.db"]) })
            await ServiceFleet.HealthAsync(child);
        using var limited = new ServiceFleet(broker.Uri, [new("DOTNET_GCHeapHardLimit", $"0x{HeapMebibytes << 20:X}")]);
        var capture = limited.Start("CallMirror.Capture", [("Capture__File", load.Capture), ("Capture__Replay", "true"), .. bounds]);
        await Eventually.HoldsAsync(() => listener.SamplesOfEach(load.Streams) >= 2 * Rate, "two seconds of each stream have come");

        broker.Freeze();
        await Task.Delay(Frozen, TimeProvider.System, TestContext.Current.CancellationToken);
        broker.Continue();

        await Eventually.HoldsAsync(() => listener.Ended.Count == load.Streams, "all streams have ended");
        var metrics = await ServiceFleet.MetricsAsync(capture);
        await limited.StopAllAsync();
        await fleet.StopAllAsync();
        return new Seen(
            [.. whole.Select(said => Compared(said.Value, listener.Streams[said.Key], Path.Combine(folder.Path, said.Key + ".pcm")))],
            Sum(metrics, "callmirror_messaging_dropped_total"),
            Sum(metrics, "callmirror_messaging_dropped_size_bytes_total"),
            metrics["callmirror_messaging_unconfirmed_limit_bytes"].Sum(),
            capture.Lines);
    }

    // What never comes is known after two seconds of what comes behind it, so that the calls may be short.
    private static ServiceChild Gateway(ServiceFleet fleet, Uri listener) =>
        fleet.Start(
            "CallMirror.WsGateway",
            ("Gateway__Url", listener.ToString()), ("Gateway__LateLimit", "00:00:02"), ("Gateway__StallLimit", "00:00:10"));

    // Each sample is the one that was said, or lies in a gap that the listener was told of.
    private static ComparedStream Compared(short[] said, PlainStream stream, string path)
    {
        short[] heard = Runs.Samples(path);
        Assert.Equal(said.Length, heard.Length);
        List<(long From, long Samples)> gaps = [.. stream.Events("gap").Select(gap => (
            gap.Json.GetProperty("position").GetInt64() - stream.Position, gap.Json.GetProperty("samples").GetInt64()))];
        long at = 0;
        foreach (var (from, samples) in gaps)
        {
            Assert.Equal(said[(int)at..(int)from], heard[(int)at..(int)from]);
            at = from + samples;
            Assert.All(heard[(int)from..(int)at], sample => Assert.Equal(0, sample));
        }

        Assert.Equal(said[(int)at..], heard[(int)at..]);
        return new ComparedStream(gaps);
    }

    private static double Sum(IReadOnlyDictionary<string, ExpositionFamily> metrics, string family) =>
        metrics.TryGetValue(family, out var found) ? found.Sum(label: ("reason", "window-full")) : 0;

    private sealed record ComparedStream(List<(long From, long Samples)> Gaps);

    private sealed record Seen(
        List<ComparedStream> Streams, double DroppedMessages, double DroppedBytes, double WindowLimit, IReadOnlyList<string> CaptureLines);

    [GeneratedRegex(@"(\d+) media messages of \d+ bytes dropped")]
    private static partial Regex DroppedLine();
}
