using CallMirror.Contracts.Naming;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace CallMirror.AllInOne.Load;

/// <summary>Asks a broker what waits in its queues, over a connection of its own, and by AMQP alone. Of the lanes it asks for some, as each question costs.</summary>
internal sealed class BrokerDepths : IAsyncDisposable
{
    private const int LanesAsked = 16;

    private readonly IConnection _connection;
    private readonly string _group;
    private IChannel? _channel;

    // One question in vain is enough: each waits for long.
    private bool _answers;

    private BrokerDepths(IConnection connection, string group) => (_connection, _group) = (connection, group);

    /// <summary>Connects.</summary>
    /// <exception cref="BrokerUnreachableException">The broker is not there, or refuses us.</exception>
    public static async Task<BrokerDepths> ConnectAsync(Uri broker, string group, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = broker, ClientProvidedName = "callmirror-load" };
        return new BrokerDepths(await factory.CreateConnectionAsync(cancellationToken), group);
    }

    /// <summary>Whether somebody consumes already what the transcoders would.</summary>
    public async Task<bool> IsInUseAsync(CancellationToken cancellationToken)
    {
        _answers = true;
        return (await AskAsync(Exchanges.TranscoderQueue, cancellationToken))?.ConsumerCount > 0;
    }

    /// <summary>Asks.</summary>
    /// <param name="calls">The calls whose lanes are open.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<QueueDepths> ReadAsync(IReadOnlyList<CallKey> calls, CancellationToken cancellationToken)
    {
        _answers = true;
        long sip = await CountAsync(Exchanges.SipTrackerQueue, cancellationToken);
        long work = 0;
        foreach (string queue in WorkQueues())
            work += await CountAsync(queue, cancellationToken);
        long lanes = 0;
        int asked = Math.Min(LanesAsked, calls.Count);
        for (int i = 0; i < asked; i++)
            lanes += await CountAsync(LaneName.For(_group, calls[(int)((long)i * calls.Count / asked)]), cancellationToken);
        return new QueueDepths(sip, work, asked == 0 ? 0 : lanes * calls.Count / asked);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_channel is not null)
            await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    // The services read the same variable.
    private static IEnumerable<string> WorkQueues() =>
        int.TryParse(Environment.GetEnvironmentVariable("CallMirror__Broker__Shards"), out int shards) && shards > 1
            ? Enumerable.Range(0, shards).Select(shard => $"{Exchanges.TranscoderQueue}.{shard}")
            : [Exchanges.TranscoderQueue];

    private async Task<long> CountAsync(string queue, CancellationToken cancellationToken) => (await AskAsync(queue, cancellationToken))?.MessageCount ?? 0;

    // A queue that is not there costs the channel (AMQP 0-9-1, 404). A broker that says nothing is a cancelled task to the client.
    private async Task<QueueDeclareOk?> AskAsync(string queue, CancellationToken cancellationToken)
    {
        if (!_answers)
            return null;
        try
        {
            if (_channel is not { IsOpen: true })
                _channel = await _connection.CreateChannelAsync(cancellationToken: cancellationToken);
            return await _channel.QueueDeclarePassiveAsync(queue, cancellationToken);
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException or TimeoutException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _answers = e is OperationInterruptedException;
            return null;
        }
    }
}
