using System.Globalization;
using System.Runtime.InteropServices;
using CallMirror.AllInOne.Processes;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>Two groups of gateways, one of whose listeners takes nothing for most of the calls: the other hears all, and the absent one hears of its gap.</summary>
[Collection(OneAtATime.Name)]
public sealed class AbsentListenerTests(BrokerOfTests broker) : IClassFixture<BrokerOfTests>
{
    // Some nine seconds of both roles; the gateway has three more in hand.
    private const int LaneMaxBytes = 600_000;
    private static readonly TimeSpan Absence = TimeSpan.FromSeconds(24);

    // What a busy machine may add; an absence that others had to wait for would add seconds.
    private const double MoreMs = 1500;

    [Fact]
    public async Task It_costs_nobody_else_anything_and_what_fell_off_its_lane_is_a_gap_of_its_exact_size()
    {
        using var folder = new TemporaryFolder();
        using var load = new SmallLoad(calls: 3, seconds: 30);
        var whole = await load.WholeAsync();
        var alone = await DelaysWithoutAsync();
        using var fleet = new ServiceFleet(broker.Uri);
        Directory.CreateDirectory(folder["audio"]);
        await using var other = await PlainListener.StartAsync(folder["audio"]);
        var comes = new TaskCompletionSource();
        Directory.CreateDirectory(folder["absent"]);
        await using var absent = await PlainListener.StartAsync(folder["absent"], opened: comes.Task);
        var gateway = await StartAsync(fleet, folder["calls.db"], other.Url, absent.Url);
        fleet.Start("CallMirror.Capture", ("Capture__File", load.Capture), ("Capture__Replay", "true"));
        await Eventually.HoldsAsync(() => other.SamplesOfEach(load.Streams) >= 6 * 16_000, "six seconds of each stream are in the other group's files");
        long before = ResidentBytes(gateway!);
        await Task.Delay(Absence - TimeSpan.FromSeconds(7), TimeProvider.System, TestContext.Current.CancellationToken);
        long after = ResidentBytes(gateway!);

        comes.SetResult();

        await Eventually.HoldsAsync(() => absent.Ended.Count == load.Streams, "the absent listener has all ends");
        await Eventually.HoldsAsync(() => other.Ended.Count == load.Streams, "the other has too");
        AssertAsQuick(alone, DelaysOf(other));
        Assert.InRange(after - before, long.MinValue, 16L << 20);
        foreach (var (tag, samples) in whole)
        {
            Assert.Equal(samples, Runs.Samples(Path.Combine(folder["audio"], tag + ".pcm")));
            AssertGapIsExact(samples, absent.Streams[tag], MemoryMarshal.Cast<byte, short>(await File.ReadAllBytesAsync(Path.Combine(folder["absent"], tag + ".pcm"), TestContext.Current.CancellationToken)).ToArray());
        }
    }

    // The same calls, shorter, where nobody is absent.
    private async Task<Delays> DelaysWithoutAsync()
    {
        using var folder = new TemporaryFolder();
        using var load = new SmallLoad(calls: 3, seconds: 8);
        using var fleet = new ServiceFleet(broker.Uri);
        await using var listener = await PlainListener.StartAsync(folder.Path);
        await StartAsync(fleet, folder["calls.db"], listener.Url, absent: null);
        fleet.Start("CallMirror.Capture", ("Capture__File", load.Capture), ("Capture__Replay", "true"));
        await Eventually.HoldsAsync(() => listener.Ended.Count == load.Streams, "all have ended");
        await fleet.StopAllAsync();
        return DelaysOf(listener);
    }

    private static async Task<ServiceChild?> StartAsync(ServiceFleet fleet, string statePath, Uri listener, Uri? absent)
    {
        string limit = LaneMaxBytes.ToString(CultureInfo.InvariantCulture);
        var tracker = fleet.Start(
            "CallMirror.SipTracker", ("SipTracker__StatePath", statePath), ("SipTracker__LaneGroups", absent is null ? "default" : "default,absent"), ("Broker__LaneMaxBytes", limit));
        // Little in the gateway's hands, so that the lane overflows soon; and less than it would wait for, so that it has to see that no more comes.
        var gateway = absent is null ? null : fleet.Start(
            "CallMirror.WsGateway",
            ("Gateway__Url", absent.ToString()), ("Gateway__Group", "absent"), ("Broker__LaneMaxBytes", limit), ("Broker__LanePrefetch", "32"), ("Gateway__LateLimit", "00:00:05"), ("Gateway__ConnectTimeout", "00:01:00"));
        foreach (var child in new[] { fleet.Start("CallMirror.WsGateway", ("Gateway__Url", listener.ToString())), fleet.StartTranscoder(), gateway, tracker })
            if (child is not null)
                await ServiceFleet.HealthAsync(child);
        return gateway;
    }

    private static Delays DelaysOf(PlainListener listener)
    {
        // Not of the first second: connections are being made.
        double[] delays = [.. listener.Streams.Values.SelectMany(stream => stream.DelaysMs.Skip(50)).Order()];
        return new Delays(delays.Length, delays[delays.Length / 2], delays[delays.Length * 99 / 100]);
    }

    private static void AssertAsQuick(Delays alone, Delays beside)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"milliseconds from capture to the listener: {alone} alone, {beside} beside one that is absent");
        Assert.InRange(beside.Median, 0, alone.Median + MoreMs);
        Assert.InRange(beside.P99, 0, alone.P99 + MoreMs);
    }

    private static void AssertGapIsExact(short[] said, PlainStream stream, short[] heard)
    {
        Assert.Equal(said.Length, heard.Length);
        var gaps = stream.Events("gap").Select(gap => (
            From: gap.Json.GetProperty("position").GetInt64() - stream.Position, Samples: gap.Json.GetProperty("samples").GetInt64())).ToList();
        var (from, samples) = Assert.Single(gaps);
        Assert.InRange(samples, 2 * 16_000, 20 * 16_000);
        Assert.Equal(said[..(int)from], heard[..(int)from]);
        Assert.All(heard[(int)from..(int)(from + samples)], sample => Assert.Equal(0, sample));
        Assert.Equal(said[(int)(from + samples)..], heard[(int)(from + samples)..]);
    }

    private static long ResidentBytes(ServiceChild child)
    {
        using var process = System.Diagnostics.Process.GetProcessById(child.Id);
        return process.WorkingSet64;
    }

    private sealed record Delays(int Frames, double Median, double P99)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"median {Median:0}, p99 {P99:0} of {Frames} frames");
    }
}
