using System.Threading.Channels;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.Media;
using CallMirror.Messaging.Tracing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>How a subscription ended.</summary>
internal enum SubscriptionEnd
{
    /// <summary>Its channel is gone; the queue may well be there.</summary>
    Lost,

    /// <summary>Its queue is gone.</summary>
    QueueGone,
}

/// <summary>
/// One channel's consumers at one or more queues, from their beginning to their end. Closing the channel gives what is not acknowledged back to
/// the queue in one step, so that the next consumer gets it in order; that is why each consumer has a channel of its own.
/// </summary>
internal sealed class Subscription : AsyncDefaultBasicConsumer, IAsyncDisposable
{
    private const int TagBits = 48;

    // Enough to make groups worth it, and few enough that the broker never runs out of prefetch meanwhile.
    private const int GroupsInPrefetch = 4;

    private readonly ushort _epoch;
    private readonly ConsumerSetup _setup;
    private readonly ChannelWriter<MediaDelivery> _inbox;
    private readonly Acknowledger _acknowledger;
    private readonly TaskCompletionSource<SubscriptionEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Subscription(IChannel channel, ushort epoch, ConsumerSetup setup, ChannelWriter<MediaDelivery> inbox, TimeProvider time)
        : base(channel)
    {
        (_epoch, _setup, _inbox) = (epoch, setup, inbox);
        _acknowledger = new Acknowledger(channel, Math.Max(1, setup.Prefetch / GroupsInPrefetch), setup.AcknowledgeWithin, time);
        channel.ChannelShutdownAsync += HandleChannelShutdownAsync;
    }

    /// <summary>Completes when no more comes.</summary>
    public Task<SubscriptionEnd> Ended => _ended.Task;

    /// <summary>The broker came back just before.</summary>
    public bool IsAfterOutage { get; init; }

    /// <summary>Begins to consume; each queue has the prefetch for itself.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await Channel.BasicQosAsync(0, _setup.Prefetch, global: false, cancellationToken);
        foreach (string queue in _setup.Queues)
            await Channel.BasicConsumeAsync(queue, autoAck: false, this, cancellationToken);
        // A channel that ends while the consumer is being added may tell neither.
        if (!Channel.IsOpen)
            _ended.TrySetResult(SubscriptionEnd.Lost);
    }

    /// <summary>True where the delivery came over this subscription.</summary>
    public bool Owns(MediaDelivery delivery) => delivery.Tag >> TagBits == _epoch;

    /// <summary>Acknowledges a delivery of this subscription, in a moment.</summary>
    public void Settle(MediaDelivery delivery) => _acknowledger.Settle(delivery.Tag & ((1UL << TagBits) - 1));

    /// <inheritdoc/>
    public override async Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey,
        IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        _acknowledger.Delivered(deliveryTag);
        // The client takes its memory back when this returns.
        var buffer = new MediaBuffer(Math.Max(1, body.Length)) { TraceParent = TraceHeader.Of(properties) };
        body.Span.CopyTo(buffer.Append(body.Length));
        var delivery = new MediaDelivery(buffer, ((ulong)_epoch << TagBits) | deliveryTag, redelivered)
        {
            Subscription = _epoch,
            IsAfterOutage = IsAfterOutage,
        };
        if (!_inbox.TryWrite(delivery))
            await _inbox.WriteAsync(delivery, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _ended.TrySetResult(SubscriptionEnd.QueueGone);
        return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
    }

    /// <inheritdoc/>
    // Of the channel and of each consumer: the client tells a consumer only once it has been added.
    public override Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
    {
        _ended.TrySetResult(SubscriptionEnd.Lost);
        return base.HandleChannelShutdownAsync(channel, reason);
    }

    /// <summary>Sends the acknowledgements that are due and closes the channel.</summary>
    public async ValueTask DisposeAsync()
    {
        await _acknowledger.DisposeAsync();
        await Channel.DisposeAsync();
    }
}
