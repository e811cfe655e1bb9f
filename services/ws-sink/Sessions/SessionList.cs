using System.Collections.Concurrent;
using System.Net.WebSockets;
using CallMirror.WsSink.Calls;
using CallMirror.WsSink.Protocol;
using CallMirror.WsSink.Storage;
using CallMirror.WsSink.Telemetry;

namespace CallMirror.WsSink.Sessions;

/// <summary>The connections that are open, at most as many as the options allow.</summary>
internal sealed class SessionList(CallBook book, DiskRoom disk, SinkOptions options, SinkMetrics metrics, TimeProvider time, ILogger<Session> log)
{
    private readonly ConcurrentDictionary<Session, bool> _sessions = new();
    private int _count;
    private volatile bool _stopping;

    /// <summary>Asks for a place; whoever got one gives it back with <see cref="Leave"/>.</summary>
    public Refusal TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= options.MaxConnections && !_stopping)
            return Refusal.None;
        Leave();
        return _stopping ? Refusal.Stopping : Refusal.TooManyConnections;
    }

    public void Leave() => Interlocked.Decrement(ref _count);

    public async Task RunAsync(WebSocket socket, CancellationToken aborted)
    {
        using var session = new Session(socket, book, disk, options, metrics, time, log, aborted);
        _sessions[session] = true;
        metrics.Connected();
        try
        {
            if (_stopping)
                session.Close(Refusal.Stopping);
            await session.RunAsync();
        }
        finally
        {
            _sessions.TryRemove(session, out _);
            metrics.Disconnected();
        }
    }

    public void Tick()
    {
        foreach (var session in _sessions.Keys)
            session.Tick();
    }

    public void Stop()
    {
        _stopping = true;
        foreach (var session in _sessions.Keys)
            session.Close(Refusal.Stopping);
    }
}
