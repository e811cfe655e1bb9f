using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>
/// Follows calls by the SIP messages of a passive tap (RFC 3261 §12 to §15, RFC 3264). No I/O and no clock: messages and packets' time
/// come in, call events go out (<see cref="Contracts.Calls"/>), in the order in which they are to be published. Not for several threads at once.
/// </summary>
public sealed class CallTracker
{
    private const int MaxCallIdLength = 1024;

    // What is older than this is no disorder of one mirror but another capture: time begins anew.
    private static readonly TimeSpan Rewind = TimeSpan.FromMinutes(1);

    private readonly SipTrackerOptions _options;
    private readonly CallTable _calls;
    private readonly EarlyMessages _early;
    private readonly FoundCalls _found;
    private DateTimeOffset _now = DateTimeOffset.MinValue;
    private CallState? _former;

    /// <summary>A tracker without calls.</summary>
    public CallTracker(SipTrackerOptions? options = null, DropCounts? drops = null)
    {
        _options = options ?? new SipTrackerOptions();
        Drops = drops ?? new DropCounts();
        _calls = new CallTable(_options);
        _found = new FoundCalls(_calls);
        _early = new EarlyMessages(_options, Drops);
    }

    /// <summary>What was not used, by reason.</summary>
    public DropCounts Drops { get; }

    /// <summary>Calls that have started and not ended.</summary>
    public int ActiveCalls => _calls.ActiveCount;

    /// <summary>Takes one message, of any content; timers that are due by its capture time go first.</summary>
    public IReadOnlyList<object> Handle(SipMessageCaptured message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var events = new List<object>();
        Advance(message.CapturedAt, events);
        if (!SipMessage.TryParse(message.Payload, out var sip, out var error))
            Drops.Count(DropReasons.Sip(error));
        else if (sip.CallId.Length > MaxCallIdLength)
            Drops.Count(DropReasons.CallIdTooLong);
        else
            Handle(CallMessage.Of(sip, message, Drops), events);
        return events;
    }

    /// <summary>Takes media that no call claims: it becomes a call, unless one is known that its addresses belong to.</summary>
    public IReadOnlyList<object> Handle(MediaFound found)
    {
        ArgumentNullException.ThrowIfNull(found);
        var events = new List<object>();
        Advance(found.CapturedAt, events);
        if (found.CallId.Length > MaxCallIdLength)
            Drops.Count(DropReasons.CallIdTooLong);
        else if (_calls.TryGet(found.CallId, out _) || _found.IsOfACall(found))
            Drops.Count(DropReasons.MediaOfACall);
        else if (_calls.Count >= _options.MaxCalls)
            Drops.Count(DropReasons.TooManyCalls);
        else
            _calls.Set(FoundMedia.Begin(found, events));
        return events;
    }

    /// <summary>Takes word of capture that a call's media runs: no timer ends it meanwhile.</summary>
    public IReadOnlyList<object> Handle(MediaRunning running)
    {
        ArgumentNullException.ThrowIfNull(running);
        // Before the timers: the word may come just when one of them is due.
        if (Find(running.CallId) is { } call && call.Epoch == running.StartedAt && !(call.LastMedia >= running.At))
            _calls.Set(call with { LastMedia = running.At });
        return Tick(running.At);
    }

    /// <summary>
    /// Takes word of capture that a call which was found has fallen silent; false for any other call. It is forgotten at once: its media may come back. So is one that
    /// has got its name from SIP just then: nobody has its streams any more.
    /// </summary>
    public bool Handle(CallEnded ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        if (Find(ended.CallId) is not { IsEnded: false } call || (call.Phase != CallPhase.Found && call.FoundAs?.CallId != ended.CallId))
            return false;
        _calls.Remove(call);
        return true;
    }

    /// <summary>Runs the timers that are due.</summary>
    /// <param name="packetTime">Packets' time; a little before the latest known, it does nothing.</param>
    public IReadOnlyList<object> Tick(DateTimeOffset packetTime)
    {
        var events = new List<object>();
        Advance(packetTime, events);
        return events;
    }

    /// <summary>Calls in a phase; may be asked from any thread.</summary>
    internal int CallsIn(CallPhase phase) => _calls.CountOf(phase);

    /// <summary>The calls that are up, or ended a moment ago, the oldest first.</summary>
    internal IReadOnlyList<CallState> Calls => [.. _calls.All.OrderBy(call => call.StartedAt)];

    /// <summary>A call that is up, or ended a moment ago, by its Call-ID or the name that it was found by.</summary>
    internal CallState? Find(string callId) => _calls.TryGet(callId, out var call) ? call : _calls.FoundAs(callId);

    /// <summary>The call that an event is of; one whose Call-ID was used again in the same turn too.</summary>
    internal CallState? Find(CallEvent happened) =>
        new[] { Find(happened.CallId), _former }
            .FirstOrDefault(call => call?.ToldId == happened.CallId && call.Epoch == happened.StartedAt);

    /// <summary>The calls that have changed since this was last asked; null in place of a state where the call is forgotten.</summary>
    internal IReadOnlyList<(string CallId, CallState? State)> TakeChanges() => _calls.TakeChanges();

    /// <summary>Goes on with calls of an earlier run.</summary>
    internal void Restore(IEnumerable<CallState> states)
    {
        foreach (var state in states)
        {
            _calls.Set(state);
            _now = state.LastSeen > _now ? state.LastSeen : _now;
        }

        _calls.TakeChanges();
    }

    private void Advance(DateTimeOffset packetTime, List<object> events)
    {
        if (packetTime <= _now && _now - packetTime < Rewind)
            return;
        _now = packetTime;
        foreach (var message in _early.Expire(_now))
            TakeLate(message, events);
        while (_calls.NextDue(_now) is { } due)
        {
            var progress = new CallProgress(due.Call, ToldOf(due.Call, events));
            if (progress.Expire(due.At))
                _calls.Set(progress.State);
            else
                _calls.Remove(due.Call);
        }
    }

    // What it belongs to was not seen: of a call that is up a response may tell something all the same.
    private void TakeLate(CallMessage message, List<object> events)
    {
        bool mayTell = !message.Sip.IsRequest && Find(message.Sip.CallId) is { IsEnded: false };
        var turn = mayTell ? new CallTurn(Find(message.Sip.CallId)!, message, hasWaited: true) : null;
        if (turn?.Run() == TurnResult.Taken)
            Accept(turn, message.At, events);
        else
            Drops.Count(DropReasons.Unclaimed);
    }

    private void Handle(CallMessage message, List<object> events)
    {
        if (TryTake(message, events, out bool isEarly))
            TakeEarly(message.Sip.CallId, events);
        else if (isEarly)
            _early.Add(message, _now);
    }

    // Taking one may make room for another that came before it.
    private void TakeEarly(string callId, List<object> events)
    {
        bool again;
        do
        {
            again = false;
            foreach (var waiting in _early.Of(callId))
            {
                bool taken = TryTake(waiting, events, out bool isEarly);
                if (!isEarly)
                    _early.Remove(waiting);
                again |= taken;
            }
        }
        while (again && _early.Of(callId).Count > 0);
    }

    private bool TryTake(CallMessage message, List<object> events, out bool isEarly)
    {
        isEarly = false;
        if (!_calls.TryGet(message.Sip.CallId, out var call))
            return message.IsInvite ? TryBegin(message, null, events) : !IsUnknown(message.Sip, out isEarly);
        if (CallRoles.IsNewCall(call, message))
            return TryBegin(message, Over(call, message, events), events);

        var turn = new CallTurn(call, message);
        var result = turn.Run();
        isEarly = result == TurnResult.TooEarly;
        if (result == TurnResult.Taken)
            Accept(turn, message.At, events);
        else if (!isEarly)
            Drops.Count(DropReasons.Of(result));
        return result == TurnResult.Taken;
    }

    private void Accept(CallTurn turn, DateTimeOffset at, List<object> events) =>
        _calls.Set(turn.State.IsUntold ? _found.Tell(turn.State, at, events) : _found.Told(turn, events));

    // The call before, which is over at the latest now.
    private CallState Over(CallState call, CallMessage next, List<object> events)
    {
        var progress = new CallProgress(call, ToldOf(call, events));
        if (!call.IsEnded)
            progress.Signal(CallSignal.BegunAnew, next.At);
        _former = progress.State;
        _calls.Set(progress.State);
        return progress.State;
    }

    private bool TryBegin(CallMessage message, CallState? former, List<object> events)
    {
        if (_calls.Count >= _options.MaxCalls && former is null)
        {
            Drops.Count(DropReasons.TooManyCalls);
            return false;
        }

        string? correlationId = CallRoles.CorrelationId(message.Sip, _options.CorrelationHeaders);
        List<object> began = [];
        var begun = CallBegin.By(message, correlationId, former, began);
        var turn = new CallTurn(begun, message);
        turn.Run();
        bool isUntold = begun.IsAnswered && _found.MayBe(turn.State);
        if (!isUntold)
            events.AddRange(began);
        _calls.Set(isUntold ? turn.State with { IsUntold = true } : _found.Told(turn, events));
        return true;
    }

    // Of a call that nobody was told of nothing is told.
    private static List<object> ToldOf(CallState call, List<object> events) => call.IsUntold ? [] : events;

    private bool IsUnknown(SipMessage sip, out bool isEarly)
    {
        isEarly = CallMessage.SetsUpMedia(sip);
        if (!isEarly)
            Drops.Count(sip.CSeqMethod == "BYE" ? DropReasons.UnknownCall : DropReasons.NotACall);
        return true;
    }
}
