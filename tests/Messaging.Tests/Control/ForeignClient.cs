using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace CallMirror.Messaging.Tests.Control;

/// <summary>A message as a client that knows nothing of MassTransit gets it.</summary>
internal sealed record ForeignMessage(string RoutingKey, byte[] Body, bool Persistent, IDictionary<string, object?>? Headers, string? ContentType);

/// <summary>A queue of somebody else's at one of our exchanges.</summary>
internal sealed class ForeignClient : IAsyncDisposable
{
    private readonly Channel<ForeignMessage> _heard = System.Threading.Channels.Channel.CreateUnbounded<ForeignMessage>();
    private readonly IConnection _connection;

    private ForeignClient(IConnection connection, IChannel channel) => (_connection, Channel) = (connection, channel);

    public IChannel Channel { get; }

    public static async Task<ForeignClient> BindAsync(IConnection connection, string exchange)
    {
        var client = new ForeignClient(connection, await connection.CreateChannelAsync(null, TestContext.Current.CancellationToken));
        string queue = (await client.Channel.QueueDeclareAsync(cancellationToken: TestContext.Current.CancellationToken)).QueueName;
        await client.Channel.QueueBindAsync(queue, exchange, "#", cancellationToken: TestContext.Current.CancellationToken);
        var consumer = new AsyncEventingBasicConsumer(client.Channel);
        consumer.ReceivedAsync += (_, delivery) => client._heard.Writer.WriteAsync(
            new ForeignMessage(delivery.RoutingKey, delivery.Body.ToArray(), delivery.BasicProperties.Persistent, delivery.BasicProperties.Headers, delivery.BasicProperties.ContentType)).AsTask();
        await client.Channel.BasicConsumeAsync(queue, autoAck: true, consumer, TestContext.Current.CancellationToken);
        return client;
    }

    public Task<ForeignMessage> NextAsync() =>
        _heard.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
