using System.Threading.Channels;
using CallMirror.Messaging.Media;

namespace CallMirror.Transcoder.Work;

/// <summary>
/// Chunks that have been published and that the bus has not confirmed yet, oldest first. Each batch is acknowledged once its chunk is confirmed,
/// while the worker goes on with the next: the way to the broker and back is not paid for every message.
/// </summary>
internal sealed class UnconfirmedChunks : IAsyncDisposable
{
    private readonly Channel<(Task Published, MediaDelivery Batch, int Bytes)> _chunks;
    private readonly IMediaConsumer _consumer;
    private readonly TranscoderMetrics _metrics;
    private readonly CancellationToken _finishing;
    private readonly Task _settling;

    /// <param name="consumer">Where batches are acknowledged.</param>
    /// <param name="limit">How many there may be.</param>
    /// <param name="metrics">What is counted.</param>
    /// <param name="finishing">Then the rest is left unacknowledged.</param>
    public UnconfirmedChunks(IMediaConsumer consumer, int limit, TranscoderMetrics metrics, CancellationToken finishing)
    {
        (_consumer, _metrics, _finishing) = (consumer, metrics, finishing);
        _chunks = Channel.CreateBounded<(Task, MediaDelivery, int)>(new BoundedChannelOptions(limit) { SingleReader = true, SingleWriter = true });
        _settling = SettleAsync();
    }

    /// <summary>Takes over a batch whose chunk is on its way; waits while there are too many.</summary>
    public ValueTask AddAsync(Task published, MediaDelivery batch, int bytes, CancellationToken cancellationToken) =>
        _chunks.Writer.WriteAsync((published, batch, bytes), cancellationToken);

    /// <summary>Waits for the confirmations that are still to come.</summary>
    public async ValueTask DisposeAsync()
    {
        _chunks.Writer.TryComplete();
        await _settling;
    }

    private async Task SettleAsync()
    {
        try
        {
            await foreach (var (published, batch, bytes) in _chunks.Reader.ReadAllAsync(_finishing))
            {
                await published;
                await _consumer.AcknowledgeAsync(batch, _finishing);
                _metrics.Transcoded(bytes);
            }
        }
        catch (OperationCanceledException) when (_finishing.IsCancellationRequested)
        {
            // Not confirmed in time: the batches come again, here or elsewhere.
        }
        catch (Exception e)
        {
            // The worker must not wait for room that nobody makes any more.
            _chunks.Writer.TryComplete(e);
            throw;
        }
    }
}
