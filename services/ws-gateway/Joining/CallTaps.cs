using System.Diagnostics.CodeAnalysis;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Joining;

/// <summary>Why nobody can join a call now.</summary>
internal enum JoinError
{
    /// <summary>Somebody can.</summary>
    None,

    /// <summary>Its audio is over.</summary>
    Ended,

    /// <summary>Too many listen to it.</summary>
    TooManyOfCall,

    /// <summary>Too many listen in all.</summary>
    TooMany,

    /// <summary>The gateway stops.</summary>
    Stopping,
}

/// <summary>The taps of this process, at most one a call: opened with the first listener, closed with the last.</summary>
internal sealed class CallTaps(IMediaBus bus, CallDirectory directory, ListenOptions options, JoinParts parts) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<CallKey, CallTap> _taps = [];
    private readonly HashSet<Task> _running = [];
    private readonly CancellationTokenSource _stopping = new();
    private int _listeners;

    /// <summary>Who listens to a call now.</summary>
    public int ListenersOf(in CallKey call)
    {
        lock (_lock)
            return _taps.TryGetValue(call, out var tap) ? tap.Listeners : 0;
    }

    /// <summary>A seat for a listener, who hears all that is assembled from now on, until it is disposed of.</summary>
    public bool TryJoin(KnownCall call, int role, [NotNullWhen(true)] out JoinedSeat? seat, out JoinError error)
    {
        seat = null;
        lock (_lock)
        {
            error = Check(call.Key);
            if (error != JoinError.None)
                return false;
            var queue = new ListenerQueue(options.ListenKeep, parts.Metrics);
            if (!_taps.TryGetValue(call.Key, out var tap))
                tap = Open(call);
            if (!tap.TryAdd(role, queue))
            {
                error = JoinError.Ended;
                return false;
            }

            _listeners++;
            parts.Metrics.Joined();
            seat = new JoinedSeat(queue, tap.IdentityOf(role), () => tap.Name, () => Leave(tap, role, queue));
            return true;
        }
    }

    /// <summary>SIP says that a call is over.</summary>
    public void OverBySip(CallEnded ended)
    {
        lock (_lock)
            Find(ended)?.OverBySip(ended.Reason);
    }

    /// <summary>SIP has told what a call is that was found by its media.</summary>
    public void Rename(MediaNegotiated call)
    {
        if (CallName.Of(call) is not { } name)
            return;
        lock (_lock)
            _taps.GetValueOrDefault(CallKey.Of(call))?.Rename(name);
    }

    /// <summary>Gives what is there, tells all listeners to go, and lets nobody join any more.</summary>
    public void Stop() => _stopping.Cancel();

    /// <summary>Completes when no tap is open.</summary>
    public Task WhenClosedAsync()
    {
        lock (_lock)
            return Task.WhenAll(_running);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private CallTap? Find(CallEnded ended) => CallKey.Names(ended)
        ? _taps.GetValueOrDefault(CallKey.Of(ended))
        : _taps.Values.Where(tap => tap.Key.CallId == ended.CallId).MaxBy(tap => tap.Key.EpochNs);

    private JoinError Check(in CallKey call)
    {
        if (_stopping.IsCancellationRequested)
            return JoinError.Stopping;
        if (_listeners >= options.MaxListeners)
            return JoinError.TooMany;
        return _taps.TryGetValue(call, out var tap) && tap.Listeners >= options.MaxListenersOfCall ? JoinError.TooManyOfCall : JoinError.None;
    }

    private CallTap Open(KnownCall call)
    {
        // It may have got its name since it was looked up, when there was no tap yet to be told.
        var tap = new CallTap(directory.Latest(call), options, parts);
        _taps.Add(call.Key, tap);
        var run = Task.Run(() => RunAsync(tap));
        _running.Add(run);
        return tap;
    }

    private void Leave(CallTap tap, int role, ListenerQueue queue)
    {
        lock (_lock)
        {
            _listeners--;
            if (!tap.Remove(role, queue) || _taps.GetValueOrDefault(tap.Key) != tap)
                return;
            _taps.Remove(tap.Key);
            tap.Leave();
        }
    }

    private async Task RunAsync(CallTap tap)
    {
        try
        {
            if (await tap.RunAsync(bus, _stopping.Token))
                directory.End(tap.Key);
        }
#pragma warning disable CA1031 // One call's defect, or what the bus makes of it, must not end the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            parts.Logger.TapFailed(e, tap.Key.CallId);
            tap.Close(Goodbye.TapFailed);
        }

        tap.Close(Goodbye.Stopping);
        lock (_lock)
        {
            if (_taps.GetValueOrDefault(tap.Key) == tap)
                _taps.Remove(tap.Key);
            _running.RemoveWhere(run => run.IsCompleted);
            tap.Dispose();
        }
    }
}
