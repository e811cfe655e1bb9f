using CallMirror.Messaging.Media;

namespace CallMirror.Messaging.InProcess;

/// <summary>A consumer at an <see cref="InProcessQueue"/>. There is no redelivery: consumer and queue live and die together.</summary>
internal sealed class InProcessConsumer(string queueName, InProcessQueue queue, MediaBusMetrics metrics) : IMediaConsumer
{
    public int? Prefetch => null;

    public ValueTask<MediaDelivery?> ReadAsync(CancellationToken cancellationToken) => queue.ReadAsync(cancellationToken);

    public ValueTask AcknowledgeAsync(MediaDelivery delivery, CancellationToken cancellationToken)
    {
        delivery.Buffer.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask RejectAsync(MediaDelivery delivery, string reason, CancellationToken cancellationToken)
    {
        metrics.Dropped(queueName, reason);
        delivery.Buffer.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
