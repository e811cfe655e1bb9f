using System.Diagnostics.CodeAnalysis;
using CallMirror.Contracts.Calls;
using CallMirror.Messaging.Media;

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
    private readonly Dictionary<string, CallTap> _taps = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _running = [];
    private readonly CancellationTokenSource _stopping = new();
    private int _listeners;

    /// <summary>Who listens to a call now.</summary>
    public int ListenersOf(string callId)
    {
        lock (_lock)
            return _taps.TryGetValue(callId, out var tap) ? tap.Listeners : 0;
    }

    /// <summary>A seat for a listener, who hears all that is assembled from now on, until it is disposed of.</summary>
    public bool TryJoin(KnownCall call, int role, [NotNullWhen(true)] out JoinedSeat? seat, out JoinError error)
    {
        seat = null;
        lock (_lock)
        {
            error = Check(call.CallId);
            if (error != JoinError.None)
                return false;
            var queue = new ListenerQueue(options.ListenKeep, parts.Metrics);
            if (!_taps.TryGetValue(call.CallId, out var tap))
                tap = Open(call);
            if (!tap.TryAdd(role, queue))
            {
                error = JoinError.Ended;
                return false;
            }

            _listeners++;
            parts.Metrics.Joined();
            seat = new JoinedSeat(queue, tap.IdentityOf(role), () => Leave(tap, role, queue));
            return true;
        }
    }

    /// <summary>SIP says that a call is over.</summary>
    public void OverBySip(string callId, EndReason reason)
    {
        lock (_lock)
            if (_taps.TryGetValue(callId, out var tap))
                tap.OverBySip(reason);
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

    private JoinError Check(string callId)
    {
        if (_stopping.IsCancellationRequested)
            return JoinError.Stopping;
        if (_listeners >= options.MaxListeners)
            return JoinError.TooMany;
        return _taps.TryGetValue(callId, out var tap) && tap.Listeners >= options.MaxListenersOfCall ? JoinError.TooManyOfCall : JoinError.None;
    }

    private CallTap Open(KnownCall call)
    {
        var tap = new CallTap(call, options, parts);
        _taps.Add(call.CallId, tap);
        var run = Task.Run(() => RunAsync(tap));
        _running.Add(run);
        return tap;
    }

    private void Leave(CallTap tap, int role, ListenerQueue queue)
    {
        lock (_lock)
        {
            _listeners--;
            if (!tap.Remove(role, queue) || _taps.GetValueOrDefault(tap.CallId) != tap)
                return;
            _taps.Remove(tap.CallId);
            tap.Leave();
        }
    }

    private async Task RunAsync(CallTap tap)
    {
        try
        {
            if (await tap.RunAsync(bus, _stopping.Token))
                directory.End(tap.CallId);
        }
#pragma warning disable CA1031 // One call's defect, or what the bus makes of it, must not end the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            parts.Logger.TapFailed(e, tap.CallId);
            tap.Close(Goodbye.TapFailed);
        }

        tap.Close(Goodbye.Stopping);
        lock (_lock)
        {
            if (_taps.GetValueOrDefault(tap.CallId) == tap)
                _taps.Remove(tap.CallId);
            _running.RemoveWhere(run => run.IsCompleted);
            tap.Dispose();
        }
    }
}
