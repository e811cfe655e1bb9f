using CallMirror.Contracts.Naming;
using CallMirror.Messaging.RabbitMq;
using RabbitMQ.Client;

namespace CallMirror.Benchmarks.Messaging;

/// <summary>Removes the queues, which are of other settings in the next run.</summary>
internal static class RabbitMqClean
{
    public static async Task RunAsync(string uri)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(uri) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(Exchanges.TranscoderQueue);
        await channel.QueueDeleteAsync(MediaTopology.Dead);
    }
}
