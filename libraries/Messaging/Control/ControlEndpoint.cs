using MassTransit;

namespace CallMirror.Messaging.Control;

/// <summary>One queue of the control plane with the consumers at it. A service adds its own; the host collects them all.</summary>
/// <param name="Queue">The queue's name; a queue of one process ends in that process's id.</param>
/// <param name="Consumers">Consumer types; their message types decide what the queue is bound to.</param>
/// <param name="Temporary">The queue goes away with its process.</param>
/// <param name="FollowsCalls">Over a broker, sip-tracker is asked for the calls that are up whenever the queue has been connected.</param>
/// <param name="TakesLanes">It is asked also for those that are over and whose lanes are still there.</param>
public sealed record ControlEndpoint(string Queue, IReadOnlyList<Type> Consumers, bool Temporary, bool FollowsCalls = false, bool TakesLanes = false)
{
    // Fetching ahead halves the round trip of a message and its answer.
    private const int FetchedAhead = 32;

    // Short: all that comes after waits for it.
    private static readonly TimeSpan[] Retries = [TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)];

    /// <summary>The message types that the consumers take.</summary>
    internal IEnumerable<Type> Messages => Consumers
        .SelectMany(consumer => consumer.GetInterfaces())
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConsumer<>))
        .Select(type => type.GenericTypeArguments[0])
        .Distinct();

    /// <summary>Call events must be handled in their order, so one message at a time.</summary>
    internal static void InOrder(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.PrefetchCount = FetchedAhead;
        endpoint.ConcurrentMessageLimit = 1;
        endpoint.UseMessageRetry(retry => retry.Intervals(Retries));
    }
}
