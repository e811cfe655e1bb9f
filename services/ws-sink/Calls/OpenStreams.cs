namespace CallMirror.WsSink.Calls;

/// <summary>Counts the streams of this process, so that one can wait until all that began have ended.</summary>
internal sealed class OpenStreams
{
    private readonly Lock gate = new();
    private TaskCompletionSource none = Completed();
    private long begun;
    private long ended;

    public (long Begun, long Ended) Count
    {
        get
        {
            lock (gate)
                return (begun, ended);
        }
    }

    public void Begin()
    {
        lock (gate)
        {
            if (begun++ == ended)
                none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void End()
    {
        lock (gate)
        {
            if (++ended == begun)
                none.SetResult();
        }
    }

    /// <summary>Completes when no stream is open; at once if none has begun.</summary>
    public Task NoneAsync(CancellationToken cancellationToken)
    {
        lock (gate)
            return none.Task.WaitAsync(cancellationToken);
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
