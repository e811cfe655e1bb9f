namespace CallMirror.WsSink.Tests;

public sealed class LoadTests
{
    [Fact]
    public async Task Two_hundred_streams_at_once_are_stored_to_the_last_sample()
    {
        const int Calls = 100, Samples = 40_000;
        await using var sink = await SinkFixture.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 2 * Calls).Select(async i =>
        {
            using var client = await sink.StartStreamAsync($"call{i / 2}-{i % 2}", position: i);
            await client.SendAudioAsync(i, Samples);
            await client.FinishAsync(i + Samples);
        }));
        await sink.Server.AllStreamsEndedAsync(SinkFixture.Cancel);

        for (var i = 0; i < 2 * Calls; i++)
        {
            Assert.Equal(SinkClient.Pcm(i, Samples), sink.Bytes($"call{i / 2}-{i % 2}.pcm"));
            Assert.Equal(44 + (Samples * 2), sink.Bytes($"call{i / 2}-{i % 2}.wav").Length);
        }
        for (var call = 0; call < Calls; call++)
            Assert.Equal(44 + ((Samples + 1) * 4), sink.Bytes($"call{call}.wav").Length);
        var snapshot = sink.Server.Snapshot();
        Assert.Equal(new SinkTotals(2 * Calls, 2 * Calls, 2L * Calls * Samples, 2L * Calls * Samples / 16_000.0, 0), snapshot.Totals);
        Assert.Equal(Calls, snapshot.Calls.Count);
    }
}
