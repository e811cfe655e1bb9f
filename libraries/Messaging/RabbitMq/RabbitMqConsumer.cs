using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CallMirror.Messaging.Broker;
using CallMirror.Messaging.Media;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>A consumer that comes back on its queues after each loss of the connection. Not settled deliveries of before come again, and their tags of before are void.</summary>
internal sealed class RabbitMqConsumer : IMediaConsumer
{
    private readonly ConsumerSetup _setup;
    private readonly BrokerConnection _connection;
    private readonly ChannelRetry _retry;
    private readonly TimeProvider _time;
    private readonly Channel<MediaDelivery> _inbox;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Subscription? _subscription;
    private ushort _epoch;
    private bool _isDisposed;
    private Task _run = Task.CompletedTask;

    private RabbitMqConsumer(ConsumerSetup setup, BrokerConnection connection, BrokerParts parts)
    {
        (_setup, _connection, _time) = (setup, connection, parts.Time);
        _retry = new ChannelRetry($"consume {setup.Queues[0]}", parts);
        // The prefetch bounds it as well; so the client's dispatcher never waits for a slow reader.
        _inbox = Channel.CreateBounded<MediaDelivery>(setup.Prefetch * setup.Queues.Count);
    }

    /// <inheritdoc/>
    public int? Prefetch => _setup.Prefetch * _setup.Queues.Count;

    /// <summary>Is called when it is disposed.</summary>
    public Action? Disposed { get; set; }

    /// <summary>Subscribes, once there is a connection.</summary>
    /// <exception cref="InvalidOperationException">The queue does not exist.</exception>
    public static async Task<RabbitMqConsumer> StartAsync(ConsumerSetup setup, BrokerConnection connection, BrokerParts parts, CancellationToken cancellationToken)
    {
        var consumer = new RabbitMqConsumer(setup, connection, parts);
        consumer._run = Task.Run(consumer.RunAsync, CancellationToken.None);
        try
        {
            await consumer._subscribed.Task.WaitAsync(cancellationToken);
            return consumer;
        }
        catch
        {
            await consumer.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    // It waits for every message of every lane: what it waits with is used again.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<MediaDelivery?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_inbox.Reader.TryRead(out var delivery))
            {
                if (_subscription?.Owns(delivery) == true)
                    return delivery;
                delivery.Release();
            }

            if (!await _inbox.Reader.WaitToReadAsync(cancellationToken))
                return null;
        }
    }

    /// <inheritdoc/>
    public ValueTask AcknowledgeAsync(MediaDelivery delivery, CancellationToken cancellationToken)
    {
        Settle(delivery);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask RejectAsync(MediaDelivery delivery, string reason, CancellationToken cancellationToken)
    {
        await _setup.SetAsideAsync(delivery, reason, cancellationToken);
        Settle(delivery);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        await _stopping.CancelAsync();
        await _run;
        DropUnread();
        _stopping.Dispose();
        Disposed?.Invoke();
    }

    private void Settle(MediaDelivery delivery)
    {
        if (_subscription is { } subscription && subscription.Owns(delivery))
            subscription.Settle(delivery);
        delivery.Release();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested && await ConsumeAsync() == SubscriptionEnd.Lost)
        {
            // Again, on a new channel.
        }

        _subscribed.TrySetException(new InvalidOperationException($"{_setup.Queues[0]} is not open"));
        _inbox.Writer.TryComplete();
    }

    private async Task<SubscriptionEnd> ConsumeAsync()
    {
        try
        {
            var end = await SubscribeAsync();
            return _setup.DeclareAsync is null ? end : SubscriptionEnd.Lost;
        }
        catch (Exception e) when (Broken.IsMissing(e) && _setup.DeclareAsync is null)
        {
            return SubscriptionEnd.QueueGone;
        }
        catch (Exception e) when (Broken.Is(e))
        {
            await _retry.PauseAsync(e, _stopping.Token);
            return SubscriptionEnd.Lost;
        }
    }

    private async Task<SubscriptionEnd> SubscribeAsync()
    {
        var link = await _connection.LinkAsync(_stopping.Token);
        var channel = await link.OpenChannelAsync(_stopping.Token);
        await using var subscription = new Subscription(channel, ++_epoch, _setup, _inbox.Writer, _time) { IsAfterOutage = link.IsJustBack(_time) };
        _subscription = subscription;
        try
        {
            if (_setup.DeclareAsync is { } declareAsync)
                await declareAsync(channel, _stopping.Token);
            await subscription.OpenAsync(_stopping.Token);
            _retry.Succeeded();
            _subscribed.TrySetResult();
            return await subscription.Ended.WaitAsync(_stopping.Token);
        }
        finally
        {
            _subscription = null;
            DropUnread();
        }
    }

    private void DropUnread()
    {
        while (_inbox.Reader.TryRead(out var delivery))
            delivery.Release();
    }
}
