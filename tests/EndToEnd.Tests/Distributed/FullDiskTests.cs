using System.Text.RegularExpressions;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>The disk of a sink fills in mid call and is emptied: gateways wait, and every sample arrives.</summary>
[Collection(OneAtATime.Name)]
public sealed partial class FullDiskTests(BrokerOfTests broker) : IClassFixture<BrokerOfTests>
{
    // Each line once and once more is no flood; streams that wait are told by the metrics.
    private const int FewLines = 10;

    [Fact]
    public async Task What_did_not_fit_comes_when_there_is_room()
    {
        using var disk = new SmallDisk(kilobytes: 16 * 1024, free: 1500);
        Assert.SkipUnless(disk.IsThere, "this user may not mount a disk of its own");
        using var folder = new TemporaryFolder();
        using var load = new SmallLoad(calls: 4, seconds: 10);
        var whole = await load.WholeAsync();
        using var fleet = new ServiceFleet(broker.Uri);
        var (sink, url) = await fleet.StartSinkAsync(disk.Path);
        var gateway = fleet.Start("CallMirror.WsGateway", ("Gateway__Url", url));
        foreach (var child in new[] { gateway, fleet.StartTranscoder(), fleet.StartSipTracker(folder["calls.db"]) })
            await ServiceFleet.HealthAsync(child);
        int said = sink.Lines.Count + gateway.Lines.Count;
        fleet.Start("CallMirror.Capture", ("Capture__File", load.Capture), ("Capture__Replay", "true"));

        await ServiceFleet.SaysAsync(sink, Full());
        disk.MakeRoom();
        await Eventually.HoldsAsync(() => Sidecar.EndedStreams(disk.Path) == load.Streams, "all streams have ended");

        await fleet.StopAllAsync();
        Assert.All(whole, stream => Assert.Equal(stream.Value, Runs.Samples(Path.Combine(disk.Path, stream.Key + ".pcm"))));
        var warnings = sink.Lines.Concat(gateway.Lines).Skip(said).Where(line => Warning().IsMatch(line)).ToList();
        Assert.True(warnings.Count < FewLines, string.Join('\n', warnings));
    }

    [GeneratedRegex("is full")]
    private static partial Regex Full();

    [GeneratedRegex("\\b(warn|fail|crit)\\b|\"(Warning|Error|Critical)\"")]
    private static partial Regex Warning();
}
