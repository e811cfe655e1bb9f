using CallMirror.Messaging.Control;

namespace CallMirror.SipTracker.Outbox;

/// <summary>What follows from one message or tick, in the order in which it is to be published.</summary>
/// <param name="number">Later ones have larger ones; what the store knows it by.</param>
/// <param name="messages">Call events, and last the answer.</param>
/// <param name="taken">When it came about, as <see cref="TimeProvider.GetTimestamp"/> says it; one of an earlier run came about long ago.</param>
internal sealed class Turn(long number, IReadOnlyList<ControlMessage> messages, long? taken = null)
{
    /// <summary>The number of what the store does not keep.</summary>
    public const long NotStored = 0;

    private readonly TaskCompletionSource _published = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = messages.Count;

    public long Number => number;

    /// <summary>When it came about; null: in an earlier run.</summary>
    public long? Taken => taken;

    public IReadOnlyList<ControlMessage> Messages => messages;

    /// <summary>Completes when the broker has all of it.</summary>
    public Task WhenPublishedAsync(CancellationToken cancellationToken) => messages.Count == 0 ? Task.CompletedTask : _published.Task.WaitAsync(cancellationToken);

    /// <summary>One of its messages is published; true where that was the last.</summary>
    public bool Publish()
    {
        if (--_left > 0)
            return false;
        _published.SetResult();
        return true;
    }
}
