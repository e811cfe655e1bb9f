using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace CallMirror.Messaging.Broker;

/// <summary>One connection from its opening to its end; what comes after it is another link.</summary>
internal sealed class BrokerLink : IAsyncDisposable
{
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);

    // As long as another service's connection may take to be made: the broker's answers, its own wait, and a busy machine.
    private static readonly TimeSpan OthersComeBackWithin = TimeSpan.FromSeconds(15);

    private readonly IConnection _connection;
    private long? _backSince;
    private readonly TaskCompletionSource<ShutdownEventArgs> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BrokerLink(IConnection connection)
    {
        _connection = connection;
        connection.ConnectionShutdownAsync += (_, reason) =>
        {
            _closed.TrySetResult(reason);
            return Task.CompletedTask;
        };
        if (connection.CloseReason is { } closed)
            _closed.TrySetResult(closed);
    }

    /// <summary>Completes with the reason when the connection has ended.</summary>
    public Task<ShutdownEventArgs> Closed => _closed.Task;

    /// <summary>It is the first after an outage: the broker was away, for others too.</summary>
    public void IsBackAt(long timestamp) => _backSince = timestamp;

    /// <summary>The broker came back so lately that others who send may still be without a connection.</summary>
    public bool IsJustBack(TimeProvider time) => _backSince is { } since && time.GetElapsedTime(since) < OthersComeBackWithin;

    public static async Task<BrokerLink> ConnectAsync(BrokerOptions options, string name, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = new Uri(options.Uri),
            ClientProvidedName = name,
            RequestedHeartbeat = options.Heartbeat,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
            // How long the broker may take to answer, to a goodbye as well.
            ContinuationTimeout = TimeSpan.FromSeconds(10),
            // We recover ourselves: only so it is certain what is published again and what is acknowledged on which channel.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
        };
        return new BrokerLink(await factory.CreateConnectionAsync(cancellationToken));
    }

    public Task<IChannel> OpenChannelAsync(CancellationToken cancellationToken) => _connection.CreateChannelAsync(null, cancellationToken);

    /// <summary>A channel on which the broker confirms what is published; who publishes keeps the count.</summary>
    public Task<IChannel> OpenConfirmingChannelAsync(CancellationToken cancellationToken) => _connection.CreateChannelAsync(
        new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _connection.AbortAsync(CloseLimit);
        await _connection.DisposeAsync();
    }
}
