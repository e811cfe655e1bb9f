using CallMirror.Contracts.Media;
using CallMirror.Messaging.Media;
using CallMirror.Transcoder.Tracing;
using CallMirror.Transcoder.Transcoding;
using Microsoft.Extensions.Options;

namespace CallMirror.Transcoder.Work;

/// <summary>
/// Takes batches from the work queue, publishes their chunks, and acknowledges a batch once its chunk is on the bus: a crash in between is a
/// redelivery. When stopped, it finishes the message at hand.
/// </summary>
internal sealed partial class TranscoderWorker(
    IMediaBus bus, IOptions<TranscoderOptions> options, TranscoderMetrics metrics, TranscodeSpans spans, TimeProvider time, ILogger<TranscoderWorker> logger)
    : BackgroundService
{
    /// <summary>How long the message at hand may take when the host stops; then it stays unacknowledged.</summary>
    internal static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        int workers = options.Value.Workers;
        Log.Started(logger, workers, options.Value.OutputRate);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => WorkAsync(stoppingToken), CancellationToken.None)));
        spans.TellAll();
        Log.Stopped(logger);
    }

    private async Task WorkAsync(CancellationToken stopping)
    {
        using var finishing = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var grace = stopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).CancelAfter(StopGrace), finishing);
        var worker = new Bench(new BatchTranscoder(options.Value.OutputRate), new CallIds());
        try
        {
            await using var consumer = await bus.ConsumeBatchesAsync(stopping);
            await using var unconfirmed = new UnconfirmedChunks(consumer, options.Value.Unconfirmed, metrics, finishing.Token);
            while (await consumer.ReadAsync(stopping) is { } delivery)
                await HandleAsync(worker, consumer, unconfirmed, delivery, finishing.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked to stop: what was not acknowledged comes again elsewhere.
        }
    }

    private async ValueTask HandleAsync(
        Bench worker, IMediaConsumer consumer, UnconfirmedChunks unconfirmed, MediaDelivery delivery, CancellationToken cancellationToken)
    {
        long? begun = spans.Begin();
        var chunk = new MediaBuffer(worker.Transcoder.ChunkBytes(delivery.Body.Length));
        if (!TryTranscode(worker.Transcoder, delivery.Body.Span, chunk, out var error))
        {
            chunk.Dispose();
            await RejectAsync(consumer, delivery, error, cancellationToken);
            return;
        }

        int bytes = chunk.Length;
        var call = worker.CallIds.Of(delivery.Body.Span);
        spans.Transcoded(begun, call.CallId, delivery, chunk);
        var published = bus.PublishChunkAsync(call, chunk, cancellationToken);
        if (!published.IsCompletedSuccessfully)
        {
            await unconfirmed.AddAsync(published.AsTask(), delivery, bytes, cancellationToken);
            return;
        }

        await consumer.AcknowledgeAsync(delivery, cancellationToken);
        metrics.Transcoded(bytes);
    }

    private bool TryTranscode(BatchTranscoder transcoder, ReadOnlySpan<byte> batch, MediaBuffer chunk, out TranscodeError error)
    {
        (long began, long samples) = (time.GetTimestamp(), transcoder.Samples);
        if (!transcoder.TryTranscode(batch, chunk, out error))
            return false;
        metrics.Made(transcoder.Samples - samples, time.GetElapsedTime(began));
        return true;
    }

    private async ValueTask RejectAsync(IMediaConsumer consumer, MediaDelivery delivery, TranscodeError error, CancellationToken cancellationToken)
    {
        string reason = TranscodeErrors.Word(error);
        metrics.Rejected(error);
        Log.Rejected(logger, delivery.Body.Length, reason);
        await consumer.RejectAsync(delivery, reason, cancellationToken);
    }

    /// <summary>What one worker has for itself.</summary>
    private sealed record Bench(BatchTranscoder Transcoder, CallIds CallIds);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Transcoding with {Workers} worker(s) to L16 at {OutputRate} Hz")]
        public static partial void Started(ILogger logger, int workers, int outputRate);

        [LoggerMessage(LogLevel.Information, "Transcoding stopped")]
        public static partial void Stopped(ILogger logger);

        [LoggerMessage(LogLevel.Warning, "Rejected a batch of {Bytes} bytes: {Reason}")]
        public static partial void Rejected(ILogger logger, int bytes, string reason);
    }
}
