using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging;
using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Calls;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway;

/// <summary>One gateway: the calls that it follows for its group, and what it pushed to its listener. A process may hold several.</summary>
public sealed class Gateway : IDisposable
{
    private readonly Lock _state = new();
    private readonly Dictionary<CallKey, Running> _running = [];
    private readonly Queue<StreamFigures> _ended = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly WorkInTurns _sessions = new();
    private readonly TaskCompletionSource<string> _firstFailure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IMediaBus _bus;
    private readonly WsGatewayOptions _options;
    private readonly GatewayParts _parts;
    private readonly ListenerEndpoint _listener;
    private TaskCompletionSource _idle = Idle();
    private Task _refusals = Task.CompletedTask;

    internal Gateway(string group, WsGatewayOptions options, IMediaBus bus, GatewayParts parts)
    {
        Group = group;
        _options = options;
        _bus = bus;
        _parts = parts;
        _listener = new ListenerEndpoint(options, parts.Time, parts.Random);
        parts.Metrics.Watch(this);
    }

    /// <summary>The group whose lanes it reads.</summary>
    public string Group { get; }

    /// <summary>Where it pushes to.</summary>
    public Uri Url => _listener.Url;

    /// <summary>How it pushes.</summary>
    internal WsGatewayOptions Options => _options;

    /// <summary>Completes with one sentence when a stream is given up (<see cref="WsGatewayOptions.GiveUpAfter"/>) for the first time.</summary>
    public Task<string> FirstFailure => _firstFailure.Task;

    /// <summary>Calls that are followed.</summary>
    public int CallCount
    {
        get
        {
            lock (_state)
                return _running.Count;
        }
    }

    /// <summary>Figures of the latest streams that have ended, oldest first, then of those that go on.</summary>
    public IReadOnlyList<StreamFigures> Streams
    {
        get
        {
            lock (_state)
                return [.. _ended, .. _running.Values.SelectMany(call => call.Session.Figures)];
        }
    }

    /// <summary>Counts what it has now.</summary>
    internal GatewayCensus Count()
    {
        var census = new GatewayCensus();
        lock (_state)
            foreach (var call in _running.Values)
                census.Add(call.Session);
        return census;
    }

    /// <summary>Completes when no call is followed. A call that was announced but has not reached this gateway yet does not count.</summary>
    public Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        lock (_state)
            return _idle.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Follows a call from its lane's first chunk to its end. A call that is followed already goes on; it may get its name. One whose audio is all encrypted has
    /// no lane: it is followed once some of it is negotiated in the clear.
    /// </summary>
    public void Follow(MediaNegotiated call)
    {
        if (!call.HasClearAudio())
            return;
        var key = CallKey.Of(call);
        lock (_state)
        {
            if (_running.TryGetValue(key, out var known))
                known.Session.Rename(call);
            if (_stopping.IsCancellationRequested || known is not null)
                return;
            if (_running.Count >= _options.MaxCalls)
            {
                _parts.Metrics.CallRefused("too-many-calls");
                _parts.Logger.CallRefused(call.CallId, _options.MaxCalls);
                _refusals = LetGoAfterAsync(_refusals, key);
                return;
            }

            if (_idle.Task.IsCompleted)
                _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var session = new CallSession(Group, call, _bus, _listener, _options, _parts);
            _running.Add(key, new Running(session, _sessions.Run(() => RunAsync(session))));
            _parts.Metrics.CallFollowed();
        }
    }

    /// <summary>SIP says that a call is over. Its audio may still be on its way: only a gateway that never heard any of it stops standing by, after a while.</summary>
    public void OverBySip(CallEnded ended)
    {
        lock (_state)
            Find(ended)?.Session.OverBySip();
    }

    /// <summary>Sends what is there, leaves the listeners and stops following, within <see cref="WsGatewayOptions.StopTimeout"/>.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        Task[] sessions;
        lock (_state)
            sessions = [_refusals, .. _running.Values.Select(call => call.Run)];
        try
        {
            await Task.WhenAll(sessions).WaitAsync(_options.StopTimeout * 2, _parts.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            _parts.Logger.StopTimedOut(Group);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private Running? Find(CallEnded ended) => CallKey.Names(ended)
        ? _running.GetValueOrDefault(CallKey.Of(ended))
        : _running.Where(call => call.Key.CallId == ended.CallId).MaxBy(call => call.Key.EpochNs).Value;

    private async Task RunAsync(CallSession session)
    {
        try
        {
            await session.RunAsync(failed => _firstFailure.TrySetResult(failed.Failure!), _stopping.Token);
        }
        catch (Exception e) when (_stopping.IsCancellationRequested && e is OperationCanceledException)
        {
            // Stopped before it had its lane.
        }
#pragma warning disable CA1031 // One call's defect must not end the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _parts.Metrics.CallRefused("defect");
            _parts.Logger.CallBroken(e, session.CallId);
            await LetGoAsync(session.Key);
        }

        await EndAsync(session);
    }

    // Where nobody else will read the lane, it must not fill up and stop those who write to it.
    private ValueTask LetGoAsync(CallKey call) =>
        _options.EndOnStop ? _bus.DeleteLaneAsync(Group, call, CancellationToken.None) : ValueTask.CompletedTask;

    private async Task LetGoAfterAsync(Task before, CallKey call)
    {
        await before;
        await LetGoAsync(call);
    }

    private async Task EndAsync(CallSession session)
    {
        session.LogFigures();
        lock (_state)
        {
            foreach (var stream in session.Figures)
                _ended.Enqueue(stream);
            while (_ended.Count > _options.MaxEndedStreams)
                _ended.Dequeue();
            _running.Remove(session.Key);
        }

        await session.DisposeAsync();
        _parts.Metrics.CallLeft();
        lock (_state)
            if (_running.Count == 0)
                _idle.TrySetResult();
    }

    private static TaskCompletionSource Idle()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }

    private sealed record Running(CallSession Session, Task Run);
}
