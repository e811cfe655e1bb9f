using CallMirror.Messaging.Media;
using RabbitMQ.Client;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>What a consumer reads and how.</summary>
/// <param name="Queues">The queues, all over one channel.</param>
/// <param name="DeclareAsync">Makes the queues where they have gone, and the consumer goes on; null: it ends with its queue.</param>
/// <param name="Prefetch">Unacknowledged deliveries of each at most.</param>
/// <param name="SetAsideAsync">Puts a rejected delivery where a person finds it, under its reason; completes when it is safe there.</param>
internal sealed record ConsumerSetup(
    IReadOnlyList<string> Queues, Func<IChannel, CancellationToken, Task>? DeclareAsync, ushort Prefetch, Func<MediaDelivery, string, CancellationToken, ValueTask> SetAsideAsync)
{
    /// <summary>How long what is settled may wait for more, to be acknowledged with it.</summary>
    public TimeSpan AcknowledgeWithin { get; init; } = TimeSpan.FromMilliseconds(5);
}
