using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.Contracts.Tracing;
using CallMirror.Messaging.Control;
using CallMirror.SipTracker.Calls;
using CallMirror.SipTracker.Outbox;
using CallMirror.SipTracker.Store;
using CallMirror.SipTracker.Tracing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace CallMirror.SipTracker;

/// <summary>
/// Carries out what <see cref="CallTracker"/> decides: the state is saved, and with it what is to be published, which the outbox then does. A message is done
/// once that is saved; where it can't be, once it is published. So events may come again, but none is left out.
/// </summary>
internal sealed class TrackedCalls(
    IOptions<SipTrackerOptions> options, EventOutbox outbox, CallLanes lanes, UntakenCalls untaken, SipTrackerMetrics metrics, CallLog log, CallSpans spans, TimeProvider time) : IDisposable
{
    // Who joins has a gap until it has been told; but what can't be told must not hold up all others.
    private static readonly TimeSpan TellLimit = TimeSpan.FromSeconds(10);

    private readonly CallTracker _tracker = new(options.Value, new DropCounts(metrics.Dropped));
    private readonly SemaphoreSlim _turn = new(1, 1);
    private CallStore? _store;
    private (DateTimeOffset CapturedAt, long Stamp)? _latest;
    private long _turns;

    /// <summary>Goes on with the calls of an earlier run.</summary>
    /// <exception cref="CallStoreException">The state can't be read; the message says why.</exception>
    public void Restore()
    {
        metrics.Watch(_tracker.CallsIn);
        if (options.Value.StatePath is not { } path)
            return;
        _store = CallStore.Open(path);
        _tracker.Restore(_store.Load(out int unreadable));
        foreach (var call in _tracker.Calls.Where(call => call.IsEnded))
            Remember(call.Ended, call);
        metrics.Restored(_tracker.ActiveCalls);
        log.Restored(_tracker.ActiveCalls, unreadable, path);
        foreach (var turn in _store.LoadTurns(out _))
        {
            _turns = turn.Number;
            outbox.Add(turn);
        }
    }

    /// <summary>Takes one message and publishes what follows from it.</summary>
    public Task HandleAsync(SipMessageCaptured message, CancellationToken cancellationToken)
    {
        var answer = message.AnswerRequested ? Answer(message.CaptureId, message.Sequence, message.CallId) : null;
        return TakeAsync(message.CapturedAt, answer, Handle, cancellationToken);

        IReadOnlyList<object> Handle()
        {
            var events = _tracker.Handle(message);
            metrics.MessageTaken(changed: events.Count > 0);
            return events;
        }
    }

    /// <summary>Takes media without SIP, and publishes what follows from it.</summary>
    public Task HandleAsync(MediaFound found, CancellationToken cancellationToken)
    {
        var answer = found.AnswerRequested ? Answer(found.CaptureId, found.Sequence, found.CallId) : null;
        return TakeAsync(found.CapturedAt, answer, Handle, cancellationToken);

        IReadOnlyList<object> Handle()
        {
            metrics.MediaFound();
            return _tracker.Handle(found);
        }
    }

    /// <summary>Takes word that a call's media runs, and publishes what other calls' timers do by its time.</summary>
    public Task HandleAsync(MediaRunning running, CancellationToken cancellationToken)
    {
        var answer = running.AnswerRequested ? Answer(running.CaptureId, running.Sequence, running.CallId) : null;
        return TakeAsync(running.At, answer, () => _tracker.Handle(running), cancellationToken);
    }

    /// <summary>Takes word of the end of a call: capture tells of those that it found by their media. Of all others it was this service that told.</summary>
    public async Task HandleAsync(CallEnded ended, CancellationToken cancellationToken)
    {
        using var entered = await EnterAsync(cancellationToken);
        var call = _tracker.Find(ended);
        if (!_tracker.Handle(ended))
            return;
        Note(ended, call);
        lanes.Forget(ended);
        TrySave(turn: null);
    }

    /// <summary>Lets packets' time go on by the clock while no message comes.</summary>
    public async Task TickAsync(CancellationToken cancellationToken)
    {
        using var entered = await EnterAsync(cancellationToken);
        Finish(_latest is var (capturedAt, stamp) ? _tracker.Tick(capturedAt + time.GetElapsedTime(stamp)) : [], answer: null, out _);
    }

    /// <summary>
    /// Tells one who joins what it would have heard, had it been there: of the calls that are up, of those that ended a moment ago, and, where it takes audio out of
    /// lanes, of those whose audio nobody has taken.
    /// </summary>
    public async Task TellAsync(ActiveCallsRequested request, Uri requester, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TellLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var over = request.TakesLanes ? await OverAsync(either.Token, cancellationToken) : [];
        List<Turn> turns;
        using (await EnterAsync(cancellationToken))
        {
            var known = over.Concat(_tracker.Calls.SelectMany(Known)).Where(known => request.Events.Contains(known.GetType().Name));
            turns = [.. known.Select(one => new Turn(Turn.NotStored, [new ControlMessage(one, requester) { TraceParent = TraceParentOf(one) }]))];
            turns.ForEach(outbox.Add);
        }

        await Task.WhenAll(turns.Select(turn => turn.WhenPublishedAsync(either.Token))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Has the store forget what is published: before the process goes, so that the next does not publish it again.</summary>
    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        using var entered = await EnterAsync(cancellationToken);
        TrySave(turn: null);
    }

    /// <summary>Why the state can't be saved now; null where it can.</summary>
    public async Task<string?> SaveFailureAsync(CancellationToken cancellationToken)
    {
        using var entered = await EnterAsync(cancellationToken);
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

    private async Task<Entered> EnterAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return new Entered(_turn);
    }

    private async Task TakeAsync(DateTimeOffset capturedAt, SipMessageHandled? answer, Func<IReadOnlyList<object>> handle, CancellationToken cancellationToken)
    {
        Turn turn;
        bool isSaved;
        using (await EnterAsync(cancellationToken))
        {
            long began = time.GetTimestamp();
            _latest = (capturedAt, began);
            turn = Finish(handle(), answer, out isSaved);
            metrics.Handled(time.GetElapsedTime(began));
        }

        await outbox.RoomAsync(cancellationToken);
        // What is held back is not waited for, or each message would be held back behind the one before it.
        if (!isSaved && options.Value.AnswerDelay == TimeSpan.Zero)
            await turn.WhenPublishedAsync(cancellationToken);
    }

    private Turn Finish(IReadOnlyList<object> events, SipMessageHandled? answer, out bool isSaved)
    {
        foreach (object happened in events)
            Note(happened, CallOf(happened));

        var messages = answer is null ? events : [.. events, answer];
        var said = messages.Select(message => new ControlMessage(message) { TraceParent = TraceParentOf(message) });
        var turn = new Turn(_store is null ? Turn.NotStored : ++_turns, [.. said], time.GetTimestamp());
        isSaved = TrySave(turn);
        outbox.Add(turn);
        return turn;
    }

    private void Note(object happened, CallState? call)
    {
        metrics.Happened(happened);
        log.Happened(happened, call);
        spans.Happened(happened, call);
        Remember(happened as CallEnded, call);
    }

    private async Task<IReadOnlyList<CallEvent>> OverAsync(CancellationToken limited, CancellationToken cancellationToken)
    {
        try
        {
            return await untaken.WithLanesAsync(limited);
        }
#pragma warning disable CA1031 // Whatever the bus makes of a broken connection: who comes back with it asks again.
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return [];
        }
    }

    private void Remember(CallEnded? ended, CallState? call)
    {
        if (ended is not null && call is { Announced.Length: > 0 })
            untaken.Add(CallEvents.Negotiated(call, ended.At), ended);
    }

    // A full disk must not stop the calls that are up: they go on in memory, and it is said.
    private bool TrySave(Turn? turn)
    {
        if (_store is null)
            return false;
        try
        {
            var published = outbox.Published;
            _store.Save(_tracker.TakeChanges(), turn, published);
            outbox.Forgotten(published.Count);
            return true;
        }
        catch (SqliteException e)
        {
            metrics.NotSaved();
            log.NotSaved(e);
            return false;
        }
    }

    private CallState? CallOf(object happened) => happened is CallEvent callEvent ? _tracker.Find(callEvent) : null;

    // Of a call that is forgotten already nothing more is said that would need it.
    private string? TraceParentOf(object happened) => CallOf(happened) is { } call ? CallTrace.Of(call.ToldId, call.Epoch).TraceParent : null;

    // Not who holds: capture would mark it again.
    private IEnumerable<CallEvent> Known(CallState call)
    {
        if (call.IsUntold)
            return [];
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
    private readonly struct Entered(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
