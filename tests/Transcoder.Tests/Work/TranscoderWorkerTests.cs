using CallMirror.Contracts.Media;
using CallMirror.Transcoder.Tests.Transcoding;
using Microsoft.Extensions.Options;

namespace CallMirror.Transcoder.Tests.Work;

public sealed class TranscoderWorkerTests
{
    [Fact]
    public async Task A_batch_from_the_work_queue_becomes_a_chunk_in_its_calls_lane()
    {
        await using var host = await TranscoderHost.StartAsync();
        await using var lane = await host.ListenAsync();
        await host.PublishAsync(Batch.Of(800, SectionFlags.None, Batch.New(0, 800)));
        var chunk = await TranscoderHost.ReadAsync(lane);
        Assert.Equal((MediaKind.L16Chunk, 16000, 1600), (chunk.Header.Kind, chunk.Header.SampleRate, Assert.Single(chunk.Only.Runs).Samples.Length));
    }

    [Fact]
    public async Task The_samples_stay_at_8_kHz_where_asked()
    {
        await using var host = await TranscoderHost.StartAsync(options => options.OutputRate = 8000);
        await using var lane = await host.ListenAsync();
        await host.PublishAsync(Batch.Of(800, SectionFlags.None, Batch.New(0, 800)));
        var chunk = await TranscoderHost.ReadAsync(lane);
        Assert.Equal((8000, 800), (chunk.Header.SampleRate, Assert.Single(chunk.Only.Runs).Samples.Length));
    }

    [Fact]
    public async Task A_bad_batch_is_rejected_under_its_reason_and_the_next_one_is_transcoded()
    {
        await using var host = await TranscoderHost.StartAsync();
        await using var lane = await host.ListenAsync();
        await host.PublishAsync([1, 2, 3]);
        await host.PublishAsync(Batch.Of(99, SectionFlags.None, Batch.New(0, 100)));
        await host.PublishAsync(Batch.Of(100, SectionFlags.None, Batch.New(0, 100)));
        Assert.Equal(200, (await TranscoderHost.ReadAsync(lane)).Only.Through);
        Assert.Equal((200, 1), (host.Count("callmirror.transcoder.samples"), host.Recorded("callmirror.transcoder.batch.duration")));
        Assert.Equal(1, host.Count("callmirror.transcoder.rejected bad-message"));
        Assert.Equal(1, host.Count("callmirror.transcoder.rejected run-beyond-through"));
        Assert.Equal(1, host.Count("callmirror.messaging.dropped callmirror.transcoder bad-message"));
    }

    [Fact]
    public async Task Several_workers_transcode_each_batch_once()
    {
        const int Batches = 200;
        await using var host = await TranscoderHost.StartAsync(options => options.Workers = 4);
        await using var lane = await host.ListenAsync();
        var seen = new List<uint>();
        var publishing = Task.Run(
            async () =>
            {
                for (uint i = 0; i < Batches; i++)
                    await host.PublishAsync(Batch.Of(Batch.Header with { Sequence = i }, 800, SectionFlags.None, [Batch.New(0, 800)]));
            },
            TestContext.Current.CancellationToken);
        for (int i = 0; i < Batches; i++)
            seen.Add((await TranscoderHost.ReadAsync(lane)).Header.Sequence);
        await publishing;
        Assert.Equal(Enumerable.Range(0, Batches).Select(i => (uint)i), seen.Order());
    }

    [Fact]
    public async Task When_stopped_it_finishes_the_message_at_hand()
    {
        await using var host = await TranscoderHost.StartAsync(bounds: bounds => (bounds.WorkQueueLength, bounds.LaneLength) = (1, 1));
        await using var lane = await host.ListenAsync();
        // The queue holds one: once it has taken the third, the second is at hand. Its chunk waits for room in the lane.
        for (uint i = 0; i < 3; i++)
            await host.PublishAsync(Batch.Of(Batch.Header with { Sequence = i }, 800, SectionFlags.None, [Batch.New(0, 800)]));
        var stopping = host.StopAsync();
        Assert.Equal(0u, (await TranscoderHost.ReadAsync(lane)).Header.Sequence);
        Assert.Equal(1u, (await TranscoderHost.ReadAsync(lane)).Header.Sequence);
        await stopping;
    }

    [Theory]
    [InlineData(44100, 1, "OutputRate must be 8000 or 16000.")]
    [InlineData(16000, 0, "Workers must be between 1 and 64.")]
    public async Task A_bad_option_is_named_at_start(int rate, int workers, string sentence)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TranscoderHost.StartAsync(options => (options.OutputRate, options.Workers) = (rate, workers)));
        Assert.Contains(sentence, Assert.Single(error.Failures), StringComparison.Ordinal);
    }
}
