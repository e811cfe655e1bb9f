using CallMirror.TestKit.Broker;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>The same bytes with transient queues and messages, spread over several work queues, and a transcoder killed in mid call.</summary>
[Collection(OneAtATime.Name)]
public sealed class BrokerSettingsTests
{
    [Theory]
    [InlineData("Broker__Durable", "false")]
    [InlineData("Broker__Shards", "3")]
    public async Task Each_stream_is_whole_though_one_of_two_transcoders_is_killed(string setting, string value)
    {
        await using var broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        using var load = new SmallLoad(calls: 6, seconds: 5);
        var whole = await load.WholeAsync();
        using var fleet = new ServiceFleet(broker.Uri, [new($"CallMirror__{setting}", value)]);
        var (sink, url) = await fleet.StartSinkAsync(folder["audio"]);
        var victim = fleet.StartTranscoder();
        foreach (var child in new[] { victim, fleet.StartTranscoder(), fleet.StartSipTracker(folder["calls.db"]), fleet.Start("CallMirror.WsGateway", ("Gateway__Url", url)) })
            await ServiceFleet.HealthAsync(child);
        fleet.Start("CallMirror.Capture", ("Capture__File", load.Capture), ("Capture__Replay", "true"));
        await Eventually.HoldsAsync(() => Sidecar.StoredSamples(folder["audio"]) > load.Streams * 16_000, "a second of each stream has come");

        await victim.KillAsync();

        await Eventually.HoldsAsync(() => ServiceFleet.EndedTags(sink).Count() >= load.Streams, "all streams have ended");
        await fleet.StopAllAsync(but: victim);
        foreach (var (tag, samples) in whole)
            Assert.Equal(samples, Runs.Samples(Path.Combine(folder["audio"], tag + ".pcm")));
        Assert.Equal(load.Streams, ServiceFleet.EndedTags(sink).Count());
    }
}
