using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.Contracts.Tracing;
using CallMirror.Messaging.Tracing;
using CallMirror.SipTracker.Calls;
using CallMirror.SipTracker.Store;
using CallMirror.SipTracker.Tracing;
using MassTransit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace CallMirror.SipTracker;

/// <summary>
/// Carries out what <see cref="CallTracker"/> decides: lanes are opened, events published in their order, the state saved, and last the
/// answer given. What fails half way is gone on with at the next message, so events may come again, but none is left out.
/// </summary>
internal sealed class TrackedCalls(IOptions<SipTrackerOptions> options, CallLanes lanes, SipTrackerMetrics metrics, CallLog log, CallSpans spans, TimeProvider time) : IDisposable
{
    private readonly CallTracker _tracker = new(options.Value, new DropCounts(metrics.Dropped));
    private readonly Queue<object> _pending = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private CallStore? _store;
    private (DateTimeOffset CapturedAt, long Stamp)? _latest;

    /// <summary>Goes on with the calls of an earlier run.</summary>
    /// <exception cref="CallStoreException">The state can't be read; the message says why.</exception>
    public void Restore()
    {
        metrics.Watch(_tracker.CallsIn);
        if (options.Value.StatePath is not { } path)
            return;
        _store = CallStore.Open(path);
        var calls = _store.Load(out int unreadable);
        _tracker.Restore(calls);
        metrics.Restored(_tracker.ActiveCalls);
        log.Restored(_tracker.ActiveCalls, unreadable, path);
    }

    /// <summary>Takes one message and publishes what follows from it.</summary>
    public Task HandleAsync(SipMessageCaptured message, IPublishEndpoint bus, CancellationToken cancellationToken)
    {
        var answer = message.AnswerRequested ? Answer(message.CaptureId, message.Sequence, message.CallId) : null;
        return TakeAsync(message.CapturedAt, answer, bus, Handle, cancellationToken);

        IReadOnlyList<object> Handle()
        {
            var events = _tracker.Handle(message);
            metrics.MessageTaken(changed: events.Count > 0);
            return events;
        }
    }

    /// <summary>Takes media without SIP, and publishes what follows from it.</summary>
    public Task HandleAsync(MediaFound found, IPublishEndpoint bus, CancellationToken cancellationToken)
    {
        var answer = found.AnswerRequested ? Answer(found.CaptureId, found.Sequence, found.CallId) : null;
        return TakeAsync(found.CapturedAt, answer, bus, Handle, cancellationToken);

        IReadOnlyList<object> Handle()
        {
            metrics.MediaFound();
            return _tracker.Handle(found);
        }
    }

    /// <summary>Takes word of the end of a call: capture tells of those that it found by their media. Of all others it was this service that told.</summary>
    public async Task HandleAsync(CallEnded ended, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        var call = _tracker.Find(ended.CallId);
        if (!_tracker.Handle(ended))
            return;
        metrics.Happened(ended);
        log.Happened(ended);
        spans.Happened(ended, call);
        lanes.Forget(ended.CallId);
        Save();
    }

    /// <summary>Lets packets' time go on by the clock while no message comes.</summary>
    public async Task TickAsync(IPublishEndpoint bus, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        await PublishAsync(bus, cancellationToken);
        if (_latest is var (capturedAt, stamp))
            await FinishAsync(_tracker.Tick(capturedAt + time.GetElapsedTime(stamp)), bus, cancellationToken);
    }

    /// <summary>Tells one who joins what it would have heard, had it been there: of the calls that are up, and of those that ended a moment ago.</summary>
    public async Task TellAsync(ActiveCallsRequested request, IPublishEndpoint bus, ISendEndpoint requester, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        await PublishAsync(bus, cancellationToken);
        foreach (object known in _tracker.Calls.SelectMany(Known).Where(known => request.Events.Contains(known.GetType().Name)))
        {
            if (known is MediaNegotiated negotiated)
                await lanes.OpenAsync(negotiated, cancellationToken);
            await requester.Send(known, known.GetType(), TraceHeader.On(TraceParentOf(known)), cancellationToken);
        }
    }

    /// <summary>Why the state can't be saved now; null where it can.</summary>
    public async Task<string?> SaveFailureAsync(CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        try
        {
            _store?.TryWrite();
            return null;
        }
        catch (SqliteException e)
        {
            return e.Message;
        }
    }

    /// <summary>Closes the store.</summary>
    public void Dispose()
    {
        _store?.Dispose();
        _turn.Dispose();
    }

    private async Task<Turn> EnterAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    private async Task TakeAsync(
        DateTimeOffset capturedAt, SipMessageHandled? answer, IPublishEndpoint bus, Func<IReadOnlyList<object>> handle, CancellationToken cancellationToken)
    {
        using var turn = await EnterAsync(cancellationToken);
        // Nothing new is taken in before what is left over is out: the queue holds at most the events of one turn.
        await PublishAsync(bus, cancellationToken);
        long began = time.GetTimestamp();
        _latest = (capturedAt, began);
        await FinishAsync(handle(), bus, cancellationToken);
        if (answer is not null)
            await bus.Publish(answer, cancellationToken);
        metrics.Handled(time.GetElapsedTime(began));
    }

    private async Task FinishAsync(IReadOnlyList<object> events, IPublishEndpoint bus, CancellationToken cancellationToken)
    {
        foreach (object happened in events)
        {
            metrics.Happened(happened);
            log.Happened(happened);
            spans.Happened(happened, CallOf(happened));
            _pending.Enqueue(happened);
        }

        await PublishAsync(bus, cancellationToken);
        Save();
    }

    private async Task PublishAsync(IPublishEndpoint bus, CancellationToken cancellationToken)
    {
        while (_pending.TryPeek(out object? next))
        {
            if (next is MediaNegotiated negotiated)
                await lanes.OpenAsync(negotiated, cancellationToken);
            await bus.Publish(next, next.GetType(), TraceHeader.On(TraceParentOf(next)), cancellationToken);
            if (next is CallEnded ended)
                lanes.Forget(ended.CallId);
            _pending.Dequeue();
        }
    }

    // A full disk must not stop the calls that are up: they go on in memory, and it is said.
    private void Save()
    {
        try
        {
            _store?.Save(_tracker.TakeChanges());
        }
        catch (SqliteException e)
        {
            metrics.NotSaved();
            log.NotSaved(e);
        }
    }

    private CallState? CallOf(object happened) => happened is CallEvent callEvent ? _tracker.Find(callEvent.CallId) : null;

    // Of a call that is forgotten already nothing more is said that would need it.
    private string? TraceParentOf(object happened) => CallOf(happened) is { } call ? CallTrace.Of(call.CallId, call.StartedAt).TraceParent : null;

    // Not who holds: capture would mark it again.
    private IEnumerable<CallEvent> Known(CallState call)
    {
        if (call.IsEnded)
            return call.Ended is null ? [] : [call.Ended];
        List<CallEvent> known = [CallEvents.Started(call)];
        if (call.Announced.Length > 0)
            known.Add(CallEvents.Negotiated(call, Now(call)));
        if (call.IsAnswered)
            known.Add(CallEvents.Answered(call, call.PhaseSince));
        return known;
    }

    // Whoever joins takes it for the time of the call's latest sign of life.
    private DateTimeOffset Now(CallState call) => _latest switch
    {
        var (capturedAt, stamp) => capturedAt + time.GetElapsedTime(stamp),
        _ => options.Value.IsLive ? time.GetUtcNow() : call.LastSeen,
    };

    private static SipMessageHandled Answer(string captureId, long sequence, string callId) =>
        new() { CaptureId = captureId, Sequence = sequence, CallId = callId };

    /// <summary>One message, tick or question at a time, until it is disposed of.</summary>
    private readonly struct Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
