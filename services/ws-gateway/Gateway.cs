using System.Diagnostics;
using CallMirror.Contracts.Calls;
using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Calls;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway;

/// <summary>One gateway: the calls that it follows for its group, and what it pushed to its listener. A process may hold several.</summary>
public sealed class Gateway : IDisposable
{
    private readonly Lock state = new();
    private readonly Dictionary<string, Running> running = new(StringComparer.Ordinal);
    private readonly Queue<StreamFigures> ended = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource<string> firstFailure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IMediaBus bus;
    private readonly WsGatewayOptions options;
    private readonly GatewayParts parts;
    private readonly ListenerEndpoint listener;
    private TaskCompletionSource idle = Idle();
    private Task refusals = Task.CompletedTask;

    internal Gateway(string group, WsGatewayOptions options, IMediaBus bus, GatewayParts parts)
    {
        Group = group;
        this.options = options;
        this.bus = bus;
        this.parts = parts;
        listener = new ListenerEndpoint(options, parts.Time);
    }

    /// <summary>The group whose lanes it reads.</summary>
    public string Group { get; }

    /// <summary>Where it pushes to.</summary>
    public Uri Url => listener.Url;

    /// <summary>Completes with one sentence when a stream is given up (<see cref="WsGatewayOptions.GiveUpAfter"/>) for the first time.</summary>
    public Task<string> FirstFailure => firstFailure.Task;

    /// <summary>Calls that are followed.</summary>
    public int CallCount
    {
        get
        {
            lock (state)
                return running.Count;
        }
    }

    /// <summary>Figures of the latest streams that have ended, oldest first, then of those that go on.</summary>
    public IReadOnlyList<StreamFigures> Streams
    {
        get
        {
            lock (state)
                return [.. ended, .. running.Values.SelectMany(call => call.Session.Figures)];
        }
    }

    /// <summary>Completes when no call is followed. A call that was announced but has not reached this gateway yet does not count.</summary>
    public Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        lock (state)
            return idle.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Follows a call from its lane's first chunk to its end. A call that is followed already is left as it is.</summary>
    public void Follow(MediaNegotiated call)
    {
        lock (state)
        {
            if (stopping.IsCancellationRequested || running.ContainsKey(call.CallId))
                return;
            if (running.Count >= options.MaxCalls)
            {
                parts.Metrics.CallRefused("too-many-calls");
                parts.Logger.CallRefused(call.CallId, options.MaxCalls);
                refusals = LetGoAfterAsync(refusals, call.CallId);
                return;
            }

            if (call.Streams.Count > 0 && call.Streams.All(stream => stream.Encrypted))
                parts.Logger.CallEncrypted(call.CallId);
            if (idle.Task.IsCompleted)
                idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var session = new CallSession(Group, call, TraceParent(), bus, listener, options, parts);
            running.Add(call.CallId, new Running(session, Task.Run(() => RunAsync(session))));
            parts.Metrics.CallFollowed();
        }
    }

    /// <summary>Sends what is there, leaves the listeners and stops following, within <see cref="WsGatewayOptions.StopTimeout"/>.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        Task[] sessions;
        lock (state)
            sessions = [refusals, .. running.Values.Select(call => call.Run)];
        try
        {
            await Task.WhenAll(sessions).WaitAsync(options.StopTimeout * 2, parts.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            parts.Logger.StopTimedOut(Group);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping.Dispose();
        listener.Dispose();
    }

    private async Task RunAsync(CallSession session)
    {
        try
        {
            await session.RunAsync(failed => firstFailure.TrySetResult(failed.Failure!), stopping.Token);
        }
        catch (Exception e) when (stopping.IsCancellationRequested && e is OperationCanceledException)
        {
            // Stopped before it had its lane.
        }
#pragma warning disable CA1031 // One call's defect must not end the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            parts.Metrics.CallRefused("defect");
            parts.Logger.CallBroken(e, session.CallId);
            await LetGoAsync(session.CallId);
        }

        await EndAsync(session);
    }

    // Where nobody else will read the lane, it must not fill up and stop those who write to it.
    private ValueTask LetGoAsync(string callId) =>
        options.EndOnStop ? bus.DeleteLaneAsync(Group, callId, CancellationToken.None) : ValueTask.CompletedTask;

    private async Task LetGoAfterAsync(Task before, string callId)
    {
        await before;
        await LetGoAsync(callId);
    }

    private async Task EndAsync(CallSession session)
    {
        session.LogFigures();
        lock (state)
        {
            foreach (var stream in session.Figures)
                ended.Enqueue(stream);
            while (ended.Count > options.MaxEndedStreams)
                ended.Dequeue();
            running.Remove(session.CallId);
        }

        await session.DisposeAsync();
        parts.Metrics.CallLeft();
        lock (state)
            if (running.Count == 0)
                idle.TrySetResult();
    }

    private static TaskCompletionSource Idle()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }

    // W3C Trace Context §3.2; a trace of its own where nobody traces.
    private static string TraceParent() =>
        Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id }
            ? id
            : $"00-{ActivityTraceId.CreateRandom().ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-00";

    private sealed record Running(CallSession Session, Task Run);
}
