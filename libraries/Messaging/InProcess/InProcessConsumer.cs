using CallMirror.Messaging.Media;

namespace CallMirror.Messaging.InProcess;

/// <summary>A consumer at an <see cref="InProcessQueue"/>. There is no redelivery: consumer and queue live and die together.</summary>
/// <param name="queueName">The queue's name in metrics.</param>
/// <param name="queue">The queue.</param>
/// <param name="metrics">Where drops are counted.</param>
/// <param name="leave">Is called when it is disposed of.</param>
internal sealed class InProcessConsumer(string queueName, InProcessQueue queue, MediaBusMetrics metrics, Action? leave = null) : IMediaConsumer
{
    public int? Prefetch => null;

    public ValueTask<MediaDelivery?> ReadAsync(CancellationToken cancellationToken) => queue.ReadAsync(cancellationToken);

    public ValueTask AcknowledgeAsync(MediaDelivery delivery, CancellationToken cancellationToken)
    {
        delivery.Release();
        return ValueTask.CompletedTask;
    }

    public ValueTask RejectAsync(MediaDelivery delivery, string reason, CancellationToken cancellationToken)
    {
        metrics.Dropped(queueName, reason);
        delivery.Release();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        leave?.Invoke();
        return ValueTask.CompletedTask;
    }
}
