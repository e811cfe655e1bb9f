using CallMirror.Contracts.Calls;
using CallMirror.Protocols.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>Moves one call on and says what happened.</summary>
internal sealed class CallProgress(CallState state, List<object> events)
{
    public CallState State { get; private set; } = state;

    /// <summary>What happened, in its order.</summary>
    public IReadOnlyList<object> Events => events;

    /// <summary>A call begins: with an INVITE, or, where the tap came late, with one inside a dialog that is already up.</summary>
    public static CallProgress Begin(CallMessage message, string? correlationId, List<object> events)
    {
        var sip = message.Sip;
        var call = new CallState
        {
            CallId = sip.CallId,
            CorrelationId = correlationId,
            StartedAt = message.At,
            From = CallRoles.BareUri(sip.From.Uri),
            To = CallRoles.BareUri(sip.To.Uri),
            CallerTag = sip.From.Tag,
            InviteCSeq = sip.CSeq,
            PhaseSince = message.At,
            LastSeen = message.At,
        };
        var progress = new CallProgress(call, events);
        events.Add(CallEvents.Started(call, message));
        if (sip.To.Tag is { } tag)
            progress.Join(tag, message.At);
        return progress;
    }

    /// <summary>Takes one step of <see cref="CallMachine"/>. False once the call may be forgotten.</summary>
    public bool Signal(CallSignal signal, DateTimeOffset at, string? tag = null, int? by = null, int? status = null)
    {
        var step = CallMachine.Next(State.Phase, signal);
        State = State.In(step.Phase, at);
        if (step.Outcome == CallOutcome.Answered)
            Answered(tag, at);
        else if (step.Outcome == CallOutcome.Ended)
            Ended(step.Reason, by, status, at);
        return step.Outcome != CallOutcome.Forgotten;
    }

    /// <summary>An INVITE outside a dialog: the first one again, a copy of it from another hop, or the next try.</summary>
    public void Invite(SipMessage sip, DateTimeOffset at)
    {
        if (sip.CSeq > State.InviteCSeq)
        {
            State = State with { InviteCSeq = sip.CSeq, Branches = [], Dialogs = [], Exchanges = [] };
            Signal(CallSignal.Invite, at);
        }

        State = State.WithBranch(sip.TopViaBranch);
    }

    /// <summary>A provisional response opens an early dialog (RFC 3261 §12.1).</summary>
    public void Enter(string? tag)
    {
        if (tag is not null && State.DialogOf(tag) is null)
            State = State.With(new CallDialog(tag));
    }

    /// <summary>The callee's phone rings (180), or says something before the answer (183): the first time of each is a moment of the call.</summary>
    public void Ring(int status, DateTimeOffset at)
    {
        string? name = status switch { 180 => "ringing", 183 => "progress", _ => null };
        if (name is not null && !State.Moments.Any(moment => moment.Name == name))
            State = State.With(new CallMoment(name, at));
    }

    public void Drop(CallDialog dialog) => State = State.Without(dialog);

    public void Keep(Exchange exchange)
    {
        if (State.ExchangeOf(exchange.Role, exchange.CSeq) != exchange)
            State = State.With(exchange);
    }

    /// <summary>A 2xx to the INVITE.</summary>
    public void Answer(SipMessage sip, DateTimeOffset at)
    {
        Signal(CallSignal.Success, at, sip.To.Tag);
        Refresh(sip, at);
    }

    /// <summary>The session interval of a 2xx; one without turns the timer off (RFC 4028 §7.2).</summary>
    public void Refresh(SipMessage sip, DateTimeOffset at)
    {
        if (sip.CSeqMethod is "INVITE" or "UPDATE")
            State = State with { SessionSeconds = CallRoles.SessionSeconds(sip), SessionSince = at };
    }

    /// <summary>A final failure of the INVITE, or a challenge.</summary>
    public void Refuse(int status, CallSignal signal, DateTimeOffset at)
    {
        if (signal == CallSignal.Challenge)
            State = State with { ChallengedWith = status };
        Signal(signal, at, status: status);
    }

    /// <summary>A request inside the dialog failed: all stays as it was (RFC 3261 §14.1), unless the other side knows of no dialog.</summary>
    public void Fail(Exchange exchange, int status, DateTimeOffset at)
    {
        State = State.Without(exchange);
        if (status == 481 && exchange.InDialog)
            Signal(CallSignal.Gone, at, status: status);
    }

    /// <summary>An offer was answered in the dialog of this tag.</summary>
    public void Agree(Agreement agreement, string? tag, DateTimeOffset at)
    {
        var dialog = State.DialogOf(tag) ?? new CallDialog(tag);
        var streams = AgreedMedia.Streams(agreement) ?? dialog.Streams;
        State = State.With(dialog with { Streams = streams, Holds = AgreedMedia.HoldsAfter(dialog.Holds, agreement) });
        if (!State.IsAnswered && !AgreedMedia.Same(dialog.Streams, streams))
            Announce(streams, at);
    }

    /// <summary>Every message that had a part in the call ends with this.</summary>
    public void Seen(SipMessage sip, int role, DateTimeOffset at)
    {
        if (at > State.LastSeen)
            State = State with { LastSeen = at };
        if (sip.IsRequest)
            State = State.WithCSeq(role, sip.CSeq);
        if (State.IsAnswered && State.DialogOf(State.AnsweredTag) is { } dialog)
            Settle(dialog, at);
    }

    private void Join(string tag, DateTimeOffset at)
    {
        Enter(tag);
        Signal(CallSignal.Reinvite, at, tag);
    }

    // While several forks ring, each one's media is told as it comes. Once answered, what counts is what the winner agreed.
    private void Settle(CallDialog winner, DateTimeOffset at)
    {
        if (winner.Streams.Length > 0 && !AgreedMedia.Same(State.Announced, winner.Streams))
            Announce(winner.Streams, at);
        for (int role = 0; role <= 1; role++)
            if (winner.Holds.By(role) != State.Holds.By(role))
                Turn(role, winner.Holds.By(role), at);
        State = State with { Holds = winner.Holds };
    }

    private void Turn(int role, bool holds, DateTimeOffset at)
    {
        events.Add(holds ? CallEvents.Held(State, at, role) : CallEvents.Resumed(State, at, role));
        State = State.With(new CallMoment(holds ? "held" : "resumed", at, role));
    }

    private void Announce(NegotiatedStream[] streams, DateTimeOffset at)
    {
        State = State with { Announced = streams, MediaVersion = State.MediaVersion + 1 };
        events.Add(CallEvents.Negotiated(State, at));
    }

    private void Answered(string? tag, DateTimeOffset at)
    {
        State = (State with { AnsweredTag = tag }).With(new CallMoment("answered", at));
        events.Add(CallEvents.Answered(State, at));
    }

    private void Ended(EndReason reason, int? by, int? status, DateTimeOffset at)
    {
        var ended = CallEvents.Ended(State, at, reason, status, by);
        State = State with { Exchanges = [], Ended = ended };
        events.Add(ended);
    }
}
