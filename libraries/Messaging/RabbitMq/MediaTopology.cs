using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Broker;
using RabbitMQ.Client;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>All exchanges and queues of the media plane, and how they are bound: the one place that declares them.</summary>
internal sealed class MediaTopology(BrokerOptions options)
{
    /// <summary>Where rejected messages go: an exchange, and the one queue at it.</summary>
    public const string Dead = Exchanges.DeadMedia;

    /// <summary>Where a message's key is the name of its queue (AMQP 0-9-1 §3.1.3.1).</summary>
    public const string DefaultExchange = "";

    private const string Shards = Exchanges.Rtp + ".shards";
    private const string EveryCall = "#";

    // Points of a queue on the hash ring: enough that a few queues get like shares.
    private const string ShardWeight = "20";
    private const long DeadMaxBytes = 64 << 20;
    private static readonly TimeSpan DeadMaxAge = TimeSpan.FromDays(7);

    /// <summary>The transcoders' work queues.</summary>
    public IReadOnlyList<string> WorkQueues { get; } = options.Shards == 1
        ? [Exchanges.TranscoderQueue]
        : [.. Enumerable.Range(0, options.Shards).Select(shard => $"{Exchanges.TranscoderQueue}.{shard}")];

    /// <summary>Declares what is there as long as the broker is; declaring it again does nothing.</summary>
    public async Task DeclareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await DeclareTopicAsync(channel, Exchanges.Rtp, cancellationToken);
        await DeclareTopicAsync(channel, Exchanges.Pcm, cancellationToken);
        await DeclareTopicAsync(channel, Dead, cancellationToken);
        // Durable whatever the settings: what is set aside there is for somebody to look at.
        await channel.QueueDeclareAsync(Dead, durable: true, exclusive: false, autoDelete: false, Limits(DeadMaxBytes, DeadMaxAge), cancellationToken: cancellationToken);
        await channel.QueueBindAsync(Dead, Dead, EveryCall, cancellationToken: cancellationToken);
        await DeclareWorkAsync(channel, cancellationToken);
    }

    /// <summary>A lane that is open stays as it is.</summary>
    public async Task OpenLaneAsync(IChannel channel, string group, CallKey call, CancellationToken cancellationToken)
    {
        var arguments = Limits(options.LaneMaxBytes, options.LaneMaxAge);
        arguments["x-single-active-consumer"] = true;
        arguments["x-expires"] = Milliseconds(options.LaneOrphanedAfter);
        string lane = LaneName.For(group, call);
        await DeclareQueueAsync(channel, lane, arguments, cancellationToken);
        await channel.QueueBindAsync(lane, Exchanges.Pcm, RoutingKey.For(call.CallId), cancellationToken: cancellationToken);
    }

    /// <summary>A queue that goes away with whoever reads it, and loses what waits in it: it holds as much as a lane.</summary>
    public async Task DeclareTapAsync(IChannel channel, string tap, string callId, CancellationToken cancellationToken)
    {
        await channel.QueueDeclareAsync(tap, durable: false, exclusive: true, autoDelete: true, Limits(options.LaneMaxBytes, options.LaneMaxAge), cancellationToken: cancellationToken);
        await channel.QueueBindAsync(tap, Exchanges.Pcm, RoutingKey.For(callId), cancellationToken: cancellationToken);
    }

    /// <summary>The name of a queue that nobody else knows.</summary>
    public static string NewRehearsal() => $"callmirror.rehearsal.{Guid.NewGuid():N}";

    /// <summary>A queue that nobody else may read, bound to nothing, which goes away with its reader and its connection at the latest.</summary>
    public Task DeclareRehearsalAsync(IChannel channel, string queue, CancellationToken cancellationToken) =>
        channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: true, Limits(options.LaneMaxBytes, options.LaneMaxAge), cancellationToken: cancellationToken);

    /// <summary>A lane that is not there is no error.</summary>
    public static Task DeleteLaneAsync(IChannel channel, string group, CallKey call, CancellationToken cancellationToken) =>
        channel.QueueDeleteAsync(LaneName.For(group, call), ifUnused: false, ifEmpty: false, noWait: false, cancellationToken);

    private async Task DeclareWorkAsync(IChannel channel, CancellationToken cancellationToken)
    {
        foreach (string queue in WorkQueues)
            await DeclareQueueAsync(channel, queue, Limits(options.WorkMaxBytes, options.WorkMaxAge), cancellationToken);
        if (options.Shards == 1)
        {
            await channel.QueueBindAsync(Exchanges.TranscoderQueue, Exchanges.Rtp, EveryCall, cancellationToken: cancellationToken);
            return;
        }

        await channel.ExchangeDeclareAsync(Shards, "x-consistent-hash", durable: true, cancellationToken: cancellationToken);
        foreach (string queue in WorkQueues)
            await channel.QueueBindAsync(queue, Shards, ShardWeight, cancellationToken: cancellationToken);
        // Last: from now on messages come, and find all the queues.
        await channel.ExchangeBindAsync(Shards, Exchanges.Rtp, EveryCall, cancellationToken: cancellationToken);
    }

    private static Task DeclareTopicAsync(IChannel channel, string exchange, CancellationToken cancellationToken) =>
        channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);

    private Task<QueueDeclareOk> DeclareQueueAsync(IChannel channel, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken) =>
        channel.QueueDeclareAsync(queue, options.Durable, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);

    private static Dictionary<string, object?> Limits(long bytes, TimeSpan age) => new()
    {
        ["x-max-length-bytes"] = bytes,
        ["x-message-ttl"] = Milliseconds(age),
        ["x-overflow"] = "drop-head",
        // Confirms sooner and costs the broker less than version 1 (docs/performance.md). From RabbitMQ 4 on there is no other.
        ["x-queue-version"] = 2,
    };

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
