using System.Collections.Concurrent;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Broker;
using CallMirror.Messaging.Media;
using CallMirror.Messaging.Tracing;
using RabbitMQ.Client;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>
/// The media plane over RabbitMQ. Three connections at least: what is published, what is consumed and what opens and deletes lanes don't hold each
/// other up.
/// </summary>
internal sealed class RabbitMqMediaBus : IMediaBus, IAsyncDisposable
{
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(3);

    // One call's messages are few, and there are hundreds of calls: what a listener has stored of it in half a second is one acknowledgement. Those of a gateway that
    // dies meanwhile come again, and the listener says that it has them.
    private static readonly TimeSpan OfOneCall = TimeSpan.FromMilliseconds(500);

    private const string RehearsalName = "rehearsal";
    private const int RehearsalMessages = 20;
    private const int RehearsalBytes = 2000;
    private const ushort RehearsalPrefetch = 8;
    private static readonly TimeSpan RehearsalLimit = TimeSpan.FromSeconds(10);

    private readonly BrokerParts _parts;
    private readonly MediaBusMetrics _metrics;
    private readonly MediaTopology _topology;
    private readonly BrokerConnection _publishing;
    private readonly ConsumingConnections _consuming;
    private readonly BrokerConnection _opening;
    private readonly MediaPublisher _publisher;
    private readonly LaneDesk _lanes;
    private readonly BasicProperties _properties;
    private readonly ConcurrentDictionary<RabbitMqConsumer, bool> _consumers = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _rehearsing = Task.CompletedTask;
    private bool _isDisposed;

    public RabbitMqMediaBus(BrokerParts parts, MediaBusMetrics metrics)
    {
        (_parts, _metrics) = (parts, metrics);
        _topology = new MediaTopology(parts.Options);
        _publishing = new BrokerConnection("publish", parts, _topology.DeclareAsync);
        _consuming = new ConsumingConnections(parts, _topology);
        _opening = new BrokerConnection("lanes", parts, _topology.DeclareAsync);
        _publisher = new MediaPublisher(_publishing, _topology, parts, metrics);
        _lanes = new LaneDesk(_opening, _topology, parts);
        _properties = new BasicProperties { Persistent = parts.Options.Durable };
    }

    /// <inheritdoc/>
    public string System => "rabbitmq";

    /// <inheritdoc/>
    public TimeSpan PublishLag => _publisher.Lag;

    /// <summary>Begins to connect.</summary>
    public void Start()
    {
        _publishing.Start();
        _consuming.Start();
        _parts.Health.Down(RehearsalName, "the media plane is being tried out");
        _rehearsing = Task.Run(RehearseAsync);
    }

    /// <inheritdoc/>
    public ValueTask PublishBatchAsync(string callId, MediaBuffer batch, CancellationToken cancellationToken) =>
        _publisher.AddAsync(Message(Exchanges.Rtp, callId, batch), cancellationToken);

    /// <inheritdoc/>
    public ValueTask PublishChunkAsync(CallKey call, MediaBuffer chunk, CancellationToken cancellationToken) =>
        PublishAsync(Message(Exchanges.Pcm, call.CallId, chunk), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IMediaConsumer> ConsumeBatchesAsync(CancellationToken cancellationToken)
    {
        var queues = _topology.WorkQueues;
        ushort prefetch = (ushort)Math.Max(1, _parts.Options.Prefetch / queues.Count);
        return await ConsumeAsync(
            new ConsumerSetup(queues, _topology.DeclareAsync, prefetch, (delivery, reason, token) => SetAsideAsync(Exchanges.TranscoderQueue, delivery, reason, token)), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask OpenLaneAsync(string group, CallKey call, CancellationToken cancellationToken) =>
        new(_lanes.OpenAsync(group, call, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<bool> HasLaneAsync(string group, CallKey call, CancellationToken cancellationToken) =>
        new(_lanes.ExistsAsync(group, call, cancellationToken));

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The lane is not open.</exception>
    public async ValueTask<IMediaConsumer> ConsumeLaneAsync(string group, CallKey call, CancellationToken cancellationToken) =>
        await ConsumeAsync(
            new ConsumerSetup([LaneName.For(group, call)], DeclareAsync: null, _parts.Options.LanePrefetch, (delivery, reason, token) => SetAsideAsync("lane", delivery, reason, token)) { AcknowledgeWithin = OfOneCall }, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DeleteLaneAsync(string group, CallKey call, CancellationToken cancellationToken) =>
        new(_lanes.DeleteAsync(group, call, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<IMediaConsumer> TapAsync(CallKey call, CancellationToken cancellationToken)
    {
        string tap = TapName.New(call.CallId);
        return await ConsumeAsync(
            new ConsumerSetup([tap], (channel, token) => _topology.DeclareTapAsync(channel, tap, call.CallId, token), _parts.Options.LanePrefetch, RejectFromTap) { AcknowledgeWithin = OfOneCall }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask FlushAsync(CancellationToken cancellationToken) => new(_publisher.FlushAsync(cancellationToken));

    /// <summary>Gives what is not confirmed a few seconds more, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        // It is a service under two types, and a container disposes it as each.
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        await _stopping.CancelAsync();
        await _rehearsing;
        using var limit = new CancellationTokenSource(FlushLimit, _parts.Time);
        // With their acknowledgements that are due, so that little comes twice.
        var consumers = Task.WhenAll(_consumers.Keys.Select(consumer => consumer.DisposeAsync().AsTask()));
        await consumers.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _publisher.FlushAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _publisher.DisposeAsync();
        _lanes.Dispose();
        await _publishing.DisposeAsync();
        await _consuming.DisposeAsync();
        await _opening.DisposeAsync();
        _stopping.Dispose();
    }

    // What runs for the first time takes longest, and many calls may begin at once: a few messages go before them, over a queue that nobody else may read.
    private async Task RehearseAsync()
    {
        try
        {
            await _publishing.LinkAsync(_stopping.Token);
            using var limit = new CancellationTokenSource(RehearsalLimit, _parts.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
            await RehearseAsync(MediaTopology.NewRehearsal(), either.Token);
        }
        catch (Exception e) when (Broken.Is(e) || e is OperationCanceledException or BrokerException or InvalidOperationException)
        {
            // Then it begins cold.
        }

        _parts.Health.Up(RehearsalName);
    }

    private async Task RehearseAsync(string queue, CancellationToken cancellationToken)
    {
        var setup = new ConsumerSetup([queue], (channel, token) => _topology.DeclareRehearsalAsync(channel, queue, token), RehearsalPrefetch, (_, _, _) => ValueTask.CompletedTask);
        await using var consumer = await ConsumeAsync(setup, cancellationToken);
        for (int i = 0; i < RehearsalMessages; i++)
        {
            // Behind a full window it would be audio that makes room for it.
            await _publisher.FlushAsync(cancellationToken);
            var body = new MediaBuffer();
            body.Append(RehearsalBytes).Clear();
            await PublishAsync(new Outgoing(MediaTopology.DefaultExchange, queue, new BasicProperties(), body) { IsRehearsal = true }, cancellationToken);
            if (await consumer.ReadAsync(cancellationToken) is { } delivery)
                await consumer.AcknowledgeAsync(delivery, cancellationToken);
        }

        await _lanes.RehearseAsync(MediaTopology.NewRehearsal(), cancellationToken);
    }

    // All share their properties, but for the few that are traced.
    private Outgoing Message(string exchange, string callId, MediaBuffer body)
    {
        string key = RoutingKey.For(callId);
        if (body.TraceParent is not { } above)
            return new Outgoing(exchange, key, _properties, body);
        var span = PublishSpan.Begin(callId, exchange, key, body, _parts.Time);
        var properties = new BasicProperties
        {
            Persistent = _parts.Options.Durable,
            Headers = new Dictionary<string, object?> { [TraceHeader.Name] = span?.TraceParent ?? above },
        };
        return new Outgoing(exchange, key, properties, body) { Span = span };
    }

    private async ValueTask PublishAsync(Outgoing message, CancellationToken cancellationToken)
    {
        await _publisher.AddAsync(message, cancellationToken);
        await message.Settled.WaitAsync(cancellationToken);
    }

    private async ValueTask<IMediaConsumer> ConsumeAsync(ConsumerSetup setup, CancellationToken cancellationToken)
    {
        var place = _consuming.Take();
        try
        {
            var consumer = await RabbitMqConsumer.StartAsync(setup, place.Connection, _parts, cancellationToken);
            _consumers[consumer] = true;
            consumer.Disposed = () =>
            {
                if (_consumers.TryRemove(consumer, out _))
                    place.Dispose();
            };
            return consumer;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    // Whoever owns the lane sets it aside.
    private ValueTask RejectFromTap(MediaDelivery delivery, string reason, CancellationToken cancellationToken)
    {
        _metrics.Dropped("tap", reason);
        return ValueTask.CompletedTask;
    }

    private async ValueTask SetAsideAsync(string kind, MediaDelivery delivery, string reason, CancellationToken cancellationToken)
    {
        _metrics.Dropped(kind, reason);
        var properties = new BasicProperties
        {
            Persistent = _parts.Options.Durable,
            Headers = new Dictionary<string, object?> { ["reason"] = reason, ["queue"] = kind },
        };
        await PublishAsync(new Outgoing(MediaTopology.Dead, kind, properties, delivery.Buffer.AddReference()), cancellationToken);
    }
}
