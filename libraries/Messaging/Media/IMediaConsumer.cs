namespace CallMirror.Messaging.Media;

/// <summary>A consumer at one queue of the media plane. What it read and did not acknowledge goes to another when it goes away.</summary>
public interface IMediaConsumer : IAsyncDisposable
{
    /// <summary>Messages that it gives out unacknowledged at most: behind them none comes before one is acknowledged. Null: any number.</summary>
    int? Prefetch { get; }

    /// <summary>The next message, or null once the queue is gone. Call it again only after it has completed.</summary>
    ValueTask<MediaDelivery?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>The message has been dealt with and need not come again.</summary>
    ValueTask AcknowledgeAsync(MediaDelivery delivery, CancellationToken cancellationToken);

    /// <summary>The message is not what the contract says: it is set aside under a reason and does not come again.</summary>
    ValueTask RejectAsync(MediaDelivery delivery, string reason, CancellationToken cancellationToken);
}
