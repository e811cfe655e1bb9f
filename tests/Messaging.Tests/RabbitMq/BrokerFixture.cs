using CallMirror.Contracts.Naming;
using CallMirror.Messaging.RabbitMq;
using CallMirror.TestKit.Broker;
using RabbitMQ.Client;

namespace CallMirror.Messaging.Tests.RabbitMq;

/// <summary>One broker for all tests that don't kill it.</summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    private RabbitMqBroker? _broker;

    public RabbitMqBroker Broker => _broker ?? throw new InvalidOperationException("the broker has not started");

    public async ValueTask InitializeAsync() => _broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);

    /// <summary>A connection of the test's own, past the code under test.</summary>
    public Task<IConnection> ConnectAsync() => ConnectAsync(Broker);

    public static Task<IConnection> ConnectAsync(RabbitMqBroker broker) =>
        new ConnectionFactory { Uri = new Uri(broker.Uri) }.CreateConnectionAsync(TestContext.Current.CancellationToken);

    /// <summary>A process at the broker, which holds nothing of the tests before.</summary>
    internal async Task<BusProcess> StartAsync(params string[] settings)
    {
        await using (var connection = await ConnectAsync())
        await using (var channel = await connection.CreateChannelAsync(null, TestContext.Current.CancellationToken))
        {
            foreach (string exchange in (string[])[Exchanges.Rtp, Exchanges.Pcm, MediaTopology.Dead, $"{Exchanges.Rtp}.shards"])
                await channel.ExchangeDeleteAsync(exchange, cancellationToken: TestContext.Current.CancellationToken);
            var queues = Enumerable.Range(0, 8).Select(shard => $"{Exchanges.TranscoderQueue}.{shard}").Append(Exchanges.TranscoderQueue).Append(MediaTopology.Dead);
            foreach (string queue in queues)
                await channel.QueueDeleteAsync(queue, cancellationToken: TestContext.Current.CancellationToken);
        }

        return await BusProcess.StartAsync(Broker.Uri, settings);
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class SharedBroker : ICollectionFixture<BrokerFixture>
{
    public const string Name = "shared broker";
}
