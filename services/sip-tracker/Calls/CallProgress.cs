using CallMirror.Contracts.Calls;
using CallMirror.Protocols.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>Moves one call on and says what happened.</summary>
internal sealed class CallProgress(CallState state, List<object> events)
{
    public CallState State { get; private set; } = state;

    /// <summary>What happened, in its order.</summary>
    public IReadOnlyList<object> Events => events;

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

    /// <summary>The call's timer is due. False once the call may be forgotten.</summary>
    public bool Expire(DateTimeOffset at)
    {
        if (State is { Phase: CallPhase.Inviting, FailedWith: { } status } && !CallBranches.AreOpen(State, at))
            return Signal(CallSignal.Failure, at, status: status);
        return Signal(CallSignal.TimerDue, at, status: State.Phase == CallPhase.Challenged ? State.ChallengedWith : null);
    }

    /// <summary>The next try after a challenge has another From tag: to its caller it is the same call (RFC 3261 §8.2.2, §22.2).</summary>
    public void Adopt(SipMessage invite) => State = (State with
    {
        CallerTag = invite.From.Tag,
        InviteCSeq = invite.CSeq,
        HighestCSeq = [-1, -1],
        Branches = [],
    }).WithFormer(State.CallerTag);

    /// <summary>The tap came late: the dialog is up already.</summary>
    public void Join(string tag, DateTimeOffset at)
    {
        Enter(tag);
        Signal(CallSignal.Reinvite, at, tag);
    }

    /// <summary>An INVITE outside a dialog: the first again, its copy at another hop, another target of a proxy, or the next try.</summary>
    public void Invite(SipMessage sip, DateTimeOffset at)
    {
        bool hasCredentials = CallRoles.HasCredentials(sip);
        var known = State.Branches.Length > 0 ? CallBranches.Find(State, sip) : null;
        bool isNext = sip.CSeq > State.InviteCSeq;
        bool isBelowDead = CallBranches.IsBelowDead(State, sip);
        bool isOther = known is null ? !isBelowDead : hasCredentials && !State.HasCredentials;
        bool isTry = isNext || (State.Phase == CallPhase.Challenged && isOther);
        if (isTry)
            State = State with
            {
                InviteCSeq = sip.CSeq,
                HasCredentials = hasCredentials,
                Branches = isNext ? [] : State.Branches,
                Dialogs = [],
                Exchanges = [],
            };
        else if (known is not null)
            return;
        if (isTry || !isBelowDead)
            Signal(CallSignal.Invite, at);
        State = CallBranches.Open(State, sip, at);
    }

    /// <summary>Something came back on a branch: a provisional response with a tag opens an early dialog (RFC 3261 §12.1).</summary>
    public void Reply(Exchange exchange, SipMessage sip)
    {
        if (CallBranches.Find(State, sip) is { } branch)
            State = CallBranches.Replied(State, branch);
        if (sip.StatusCode == 100)
            return;
        if (State.ExchangeOf(exchange.Role, exchange.CSeq, exchange.Branch) is not null)
            State = State.With(exchange.WithTag(sip.To.Tag));
        if (sip.To.Tag is not null)
            Enter(sip.To.Tag);
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
        if (State.ExchangeOf(exchange.Role, exchange.CSeq, exchange.Branch) != exchange)
            State = State.With(exchange);
    }

    /// <summary>A 2xx to the INVITE.</summary>
    public void Answer(SipMessage sip, DateTimeOffset at)
    {
        Signal(CallSignal.Success, at, sip.To.Tag);
        State = State.With((State.DialogOf(sip.To.Tag) ?? new CallDialog(sip.To.Tag)) with { IsConfirmed = true });
        if (State.AnsweredTag != sip.To.Tag)
            return;
        State = State with { IsAnswerSeen = true };
        Refresh(sip, at);
    }

    /// <summary>
    /// The dialog that was answered first is hung up, and another is left (RFC 3261 §13.2.2.4). Where that was hung up unseen, no media of
    /// it will keep the call.
    /// </summary>
    public void TurnTo(CallDialog kept, DateTimeOffset at)
    {
        if (State.DialogOf(State.AnsweredTag) is { } left)
            Drop(left);
        State = State with { AnsweredTag = kept.Tag, SessionSeconds = 0, SessionSince = at };
    }

    /// <summary>The session interval of a 2xx; one without turns the timer off (RFC 4028 §7.2).</summary>
    public void Refresh(SipMessage sip, DateTimeOffset at)
    {
        if (sip.CSeqMethod is "INVITE" or "UPDATE")
            State = State with { SessionSeconds = CallRoles.SessionSeconds(sip), SessionSince = at };
    }

    /// <summary>A branch of the INVITE is cancelled; the call is where no other is open.</summary>
    public void Cancel(CallBranch branch, DateTimeOffset at)
    {
        State = CallBranches.Cancel(State, branch);
        if (CallBranches.AreCancelled(State, at))
            Signal(CallSignal.Cancel, at, by: 0);
    }

    /// <summary>A final failure, or a challenge, ends its branch; the call where no other is open (RFC 3261 §16.7).</summary>
    public void Refuse(CallBranch branch, SipMessage sip, CallSignal signal, DateTimeOffset at)
    {
        State = CallBranches.Close(State, branch, sip.To.Tag);
        if (CallBranches.AreOpen(State, at) || State.IsAnswered)
        {
            State = LostForks.Without(State) with { FailedWith = sip.StatusCode };
            return;
        }

        if (signal == CallSignal.Challenge)
            State = State with { ChallengedWith = sip.StatusCode };
        Signal(signal, at, status: sip.StatusCode);
    }

    /// <summary>A request inside the dialog failed: all stays as it was (RFC 3261 §14.1), unless the other side knows of no dialog.</summary>
    public void Fail(Exchange exchange, int status, DateTimeOffset at)
    {
        var others = State.Exchanges.Where(other => !other.IsOf(exchange.Role, exchange.CSeq) || other.Tag != exchange.Tag);
        State = State with { Exchanges = [.. others] };
        if (status == 481 && exchange.InDialog)
            Signal(CallSignal.Gone, at, status: status);
    }

    /// <summary>An offer was answered in the dialog of this tag.</summary>
    public void Agree(Exchange exchange, Agreement agreement, string? tag)
    {
        var dialog = State.DialogOf(tag) ?? new CallDialog(tag);
        if (dialog.IsPast(exchange))
            return;
        var agreed = AgreedMedia.Of(exchange, agreement, dialog);
        State = State.With(dialog.With(agreed) with { Holds = AgreedMedia.HoldsAfter(dialog.Holds, agreement) });
        if (exchange.IsFirst)
            return;
        var exchanges = State.Exchanges.Select(other => IsPast(other, exchange, tag) ? other with { IsSettled = true } : other);
        State = State with { Exchanges = [.. exchanges] };
    }

    /// <summary>Every message that had a part in the call ends with this.</summary>
    public void Seen(CallMessage message, int role, DateTimeOffset at)
    {
        var sip = message.Sip;
        if (at > State.LastSeen)
            State = State with { LastSeen = at };
        if (sip.IsRequest)
            State = State.WithCSeq(role, sip.CSeq);
        int sender = sip.IsRequest ? role : 1 - role;
        bool isFirstReply = sender == 1 && !State.HasCalleeSpoken;
        State = State with { Hosts = State.Hosts.Seen(message, sender), HasCalleeSpoken = State.HasCalleeSpoken || isFirstReply };
        if (State.IsEnded)
            return;
        Announce(isFirstReply ? CallHosts.HostOf(message.Captured.Source) : null, at);
        if (State.IsAnswered && State.DialogOf(State.AnsweredTag) is { } dialog)
            Hold(dialog, at);
    }

    // Of a first INVITE only once the call is answered: till then other forks may answer it.
    private bool IsPast(Exchange other, Exchange exchange, string? tag) =>
        !other.IsOf(exchange.Role, exchange.CSeq) && (other.IsFirst ? State.IsAnswered && tag == State.AnsweredTag : other.Tag == tag);

    private void Enter(string? tag)
    {
        if (State.DialogOf(tag) is null)
            State = State.With(new CallDialog(tag));
    }

    // All that counts, each time: what is not named is withdrawn.
    private void Announce(string? firstReplyFrom, DateTimeOffset at)
    {
        var streams = AnnouncedMedia.Of(State);
        bool isFromElsewhere = firstReplyFrom is { } host && State.MediaVersion > 0 && !State.AnnouncedHosts.Callee.Contains(host);
        if (AgreedMedia.Same(State.Announced, streams) && !isFromElsewhere)
            return;
        State = State with { Announced = streams, AnnouncedAt = at, AnnouncedHosts = State.Hosts, MediaVersion = State.MediaVersion + 1 };
        events.Add(CallEvents.Negotiated(State, at));
    }

    private void Hold(CallDialog winner, DateTimeOffset at)
    {
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
