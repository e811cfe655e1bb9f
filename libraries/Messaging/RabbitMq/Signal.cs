namespace CallMirror.Messaging.RabbitMq;

/// <summary>Wakes all who wait. Its owner's lock guards both methods.</summary>
internal sealed class Signal
{
    private TaskCompletionSource? _waiting;

    /// <summary>Completes at the next <see cref="Set"/>.</summary>
    public Task Wait() => (_waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Set()
    {
        _waiting?.TrySetResult();
        _waiting = null;
    }
}
