namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>Capture is killed in mid call and started again: what it did not capture is missing, and nothing else.</summary>
[Collection(OneAtATime.Name)]
public sealed class CaptureKilledTests(BrokerOfTests broker) : IClassFixture<BrokerOfTests>
{
    [Fact]
    public async Task What_it_did_not_capture_is_silence_of_the_right_length_and_all_else_is_there()
    {
        using var folder = new TemporaryFolder();
        using var load = new SmallLoad(calls: 6, seconds: 14);
        var whole = await load.WholeAsync();
        using var fleet = new ServiceFleet(broker.Uri);
        var (sink, url) = await fleet.StartSinkAsync(folder["audio"]);
        foreach (var child in new[] { fleet.Start("CallMirror.WsGateway", ("Gateway__Url", url)), fleet.StartTranscoder(), fleet.StartSipTracker(folder["calls.db"]) })
            await ServiceFleet.HealthAsync(child);
        string begins = (TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(4)).ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        (string, string)[] line = [("Capture__File", load.Capture), ("Capture__Replay", "true"), ("Capture__ReplayAt", begins)];
        var first = fleet.Start("CallMirror.Capture", line);
        await Eventually.HoldsAsync(() => Sidecar.StoredSamples(folder["audio"]) >= load.Streams * 3 * 16_000, "three seconds of each stream are stored");

        await first.KillAsync();
        fleet.Start("CallMirror.Capture", line);

        await Eventually.HoldsAsync(() => Sidecar.EndedStreams(folder["audio"]) == load.Streams, "all streams have ended");
        await fleet.StopAllAsync(but: first);
        foreach (var (tag, samples) in whole)
            AssertOneHole(tag, Runs.Even(samples), Runs.Even(Runs.Samples(Path.Combine(folder["audio"], tag + ".pcm"))));
    }

    // Decoded samples: the odd ones beside a hole are interpolated over its edge.
    private static void AssertOneHole(string tag, short[] said, short[] heard)
    {
        Assert.Equal(said.Length, heard.Length);
        int from = 0;
        while (from < said.Length && said[from] == heard[from])
            from++;
        int to = said.Length;
        while (to > from && said[to - 1] == heard[to - 1])
            to--;
        Assert.True(to - from is > 800 and < 8000 * 9, $"{tag}: the hole has {to - from} samples at {from}");
        Assert.All(heard[from..to], sample => Assert.Equal(0, sample));
    }
}
