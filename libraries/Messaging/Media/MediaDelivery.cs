using CallMirror.Contracts.Media;

namespace CallMirror.Messaging.Media;

/// <summary>One message as a consumer got it; valid until it is acknowledged or rejected.</summary>
/// <param name="Buffer">The message; the consumer that settles the delivery gives it back, nobody else.</param>
/// <param name="Tag">The queue's own number for the delivery.</param>
/// <param name="Redelivered">It may have been delivered before.</param>
public sealed record MediaDelivery(MediaBuffer Buffer, ulong Tag, bool Redelivered)
{
    /// <summary>
    /// Counts how often its consumer has had to join the queue again: between two deliveries of different subscriptions somebody else may have
    /// owned the queue, and what was not acknowledged under the earlier one comes again.
    /// </summary>
    public int Subscription { get; init; }

    /// <summary>The message's bytes.</summary>
    public ReadOnlyMemory<byte> Body => Buffer.Memory;
}
