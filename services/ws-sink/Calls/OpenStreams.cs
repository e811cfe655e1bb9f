namespace CallMirror.WsSink.Calls;

/// <summary>Counts the streams of this process, so that one can wait until all that began have ended.</summary>
internal sealed class OpenStreams
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _none = Completed();
    private long _begun;
    private long _ended;

    public (long Begun, long Ended) Count
    {
        get
        {
            lock (_gate)
                return (_begun, _ended);
        }
    }

    public void Begin()
    {
        lock (_gate)
        {
            if (_begun++ == _ended)
                _none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void End()
    {
        lock (_gate)
        {
            if (++_ended == _begun)
                _none.SetResult();
        }
    }

    /// <summary>Completes when no stream is open; at once if none has begun.</summary>
    public Task NoneAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return _none.Task.WaitAsync(cancellationToken);
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
