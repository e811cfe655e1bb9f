using System.Collections.Concurrent;
using System.Net.WebSockets;
using CallMirror.WsSink.Calls;
using CallMirror.WsSink.Protocol;
using CallMirror.WsSink.Telemetry;

namespace CallMirror.WsSink.Sessions;

/// <summary>The connections that are open, at most as many as the options allow.</summary>
internal sealed class SessionList(CallBook book, SinkOptions options, SinkMetrics metrics, TimeProvider time, ILogger<Session> log)
{
    private readonly ConcurrentDictionary<Session, bool> sessions = new();
    private int count;
    private volatile bool stopping;

    /// <summary>Asks for a place; whoever got one gives it back with <see cref="Leave"/>.</summary>
    public Refusal TryEnter()
    {
        if (Interlocked.Increment(ref count) <= options.MaxConnections && !stopping)
            return Refusal.None;
        Leave();
        return stopping ? Refusal.Stopping : Refusal.TooManyConnections;
    }

    public void Leave() => Interlocked.Decrement(ref count);

    public async Task RunAsync(WebSocket socket, CancellationToken aborted)
    {
        using var session = new Session(socket, book, options, metrics, time, log, aborted);
        sessions[session] = true;
        metrics.Connected();
        try
        {
            if (stopping)
                session.Close(Refusal.Stopping);
            await session.RunAsync();
        }
        finally
        {
            sessions.TryRemove(session, out _);
            metrics.Disconnected();
        }
    }

    public void Tick()
    {
        foreach (var session in sessions.Keys)
            session.Tick();
    }

    public void Stop()
    {
        stopping = true;
        foreach (var session in sessions.Keys)
            session.Close(Refusal.Stopping);
    }
}
