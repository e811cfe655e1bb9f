using MassTransit;

namespace CallMirror.Messaging.Control;

/// <summary>One queue of the control plane with the consumers at it. A service adds its own; the host collects them all.</summary>
/// <param name="Queue">The queue's name; a queue of one process ends in that process's id.</param>
/// <param name="Consumers">Consumer types; their message types decide what the queue is bound to.</param>
/// <param name="Temporary">The queue goes away with its process.</param>
public sealed record ControlEndpoint(string Queue, IReadOnlyList<Type> Consumers, bool Temporary)
{
    // Fetching ahead halves the round trip of a message and its answer.
    private const int FetchedAhead = 32;

    /// <summary>Call events must be handled in their order, so one message at a time.</summary>
    internal static void InOrder(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.PrefetchCount = FetchedAhead;
        endpoint.ConcurrentMessageLimit = 1;
    }
}
