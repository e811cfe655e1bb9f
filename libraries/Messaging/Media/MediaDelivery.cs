using CallMirror.Contracts.Media;

namespace CallMirror.Messaging.Media;

/// <summary>One message as a consumer got it; its bytes are valid until it is acknowledged, rejected or released.</summary>
/// <param name="Buffer">The message; <see cref="Release"/> gives it back, nothing else.</param>
/// <param name="Tag">The queue's own number for the delivery.</param>
/// <param name="Redelivered">It may have been delivered before.</param>
public sealed record MediaDelivery(MediaBuffer Buffer, ulong Tag, bool Redelivered)
{
    private bool _isReleased;

    /// <summary>
    /// Counts how often its consumer has had to join the queue again: between two deliveries of different subscriptions somebody else may have
    /// owned the queue, and what was not acknowledged under the earlier one comes again.
    /// </summary>
    public int Subscription { get; init; }

    /// <summary>Its consumer joined the queue just after the broker came back: who sends into it may come back seconds later.</summary>
    public bool IsAfterOutage { get; init; }

    /// <summary>The message's bytes.</summary>
    public ReadOnlyMemory<byte> Body => Buffer.Memory;

    /// <summary>
    /// Gives the memory back before the delivery is acknowledged, which may be much later: it has been read. Acknowledging and rejecting do so too; what has been released can't be rejected.
    /// </summary>
    public void Release()
    {
        if (!Interlocked.Exchange(ref _isReleased, true))
            Buffer.Dispose();
    }
}
