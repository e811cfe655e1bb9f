using System.Globalization;
using CallMirror.AllInOne.Processes;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>Two capture processes on one line: the audio is exact, and nothing comes twice.</summary>
[Collection(OneAtATime.Name)]
public sealed class TwoCapturesTests(BrokerOfTests broker) : IClassFixture<BrokerOfTests>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SmallLoad _load = new(calls: 4, seconds: 10);

    public void Dispose()
    {
        _folder.Dispose();
        _load.Dispose();
    }

    [Fact]
    public async Task Two_that_see_the_same_give_what_one_gives()
    {
        await RunAsync(["udp", "udp"]);
    }

    [Fact]
    public async Task One_that_sees_the_callers_and_one_that_sees_the_callees_give_both()
    {
        await RunAsync(["port 5060 or src net 10.1.0.0/16", "port 5060 or src net 10.2.0.0/16"]);
    }

    private async Task RunAsync(string[] filters)
    {
        var whole = await _load.WholeAsync();
        using var fleet = new ServiceFleet(broker.Uri);
        var (_, url) = await fleet.StartSinkAsync(_folder["audio"]);
        ServiceChild[] others =
        [
            fleet.Start("CallMirror.WsGateway", ("Gateway__Url", url)), fleet.StartTranscoder(), fleet.StartTranscoder(), fleet.StartSipTracker(_folder["calls.db"]),
        ];
        foreach (var child in others)
            await ServiceFleet.HealthAsync(child);
        string begins = (TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(5)).ToString("O", CultureInfo.InvariantCulture);
        foreach (string filter in filters)
            fleet.Start("CallMirror.Capture", ("Capture__File", _load.Capture), ("Capture__Filter", filter), ("Capture__Replay", "true"), ("Capture__ReplayAt", begins));

        await Eventually.HoldsAsync(
            () => Sidecar.EndedStreams(_folder["audio"]) == _load.Streams, "all streams have ended");
        await fleet.StopAllAsync();
        foreach (var (tag, samples) in whole)
            Assert.Equal(samples, Runs.Samples(Path.Combine(_folder["audio"], tag + ".pcm")));
        Assert.Equal(whole.Count, Directory.GetFiles(_folder["audio"], "*.pcm").Length);
    }
}
