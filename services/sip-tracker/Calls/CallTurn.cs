using CallMirror.Protocols.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>
/// One message applied to one call: what the message means by its dialog and transaction. The new state and the events count only
/// where the message was taken.
/// </summary>
/// <param name="state">The call as it was.</param>
/// <param name="message">The message.</param>
/// <param name="hasWaited">What it belongs to has not come in time, and will not.</param>
internal sealed class CallTurn(CallState state, CallMessage message, bool hasWaited = false)
{
    private static readonly int[] RetryStatuses = [401, 407, 422];

    // RFC 3261 §13.2.2.4: further 2xx are hung up within 64*T1 of the first.
    private static readonly TimeSpan ForkTime = TimeSpan.FromSeconds(32);

    // At its earliest the epoch: a held message was captured before the INVITE that it waited for.
    private readonly DateTimeOffset _at = message.At < state.StartedAt ? state.StartedAt : message.At;
    private readonly CallProgress _progress = new(state, []);
    private readonly SipMessage _sip = message.Sip;
    private int _role;

    public CallState State => _progress.State;

    public IReadOnlyList<object> Events => _progress.Events;

    public TurnResult Run()
    {
        if (!CallRoles.TryFind(State, _sip, out _role))
        {
            if (State.Phase != CallPhase.Challenged || !message.IsFirstInvite || State.FormerTags.Contains(_sip.From.Tag))
                return TurnResult.ForeignDialog;
            _progress.Adopt(_sip);
            _role = 0;
        }

        if (State.IsEnded)
            return IsTailOfCall ? TurnResult.Taken : TurnResult.AfterEnd;
        var result = _sip.IsRequest ? Request() : Response();
        if (result == TurnResult.Taken)
            _progress.Seen(message, _role, _at);
        return result;
    }

    private string? CalleeTag => _role == 0 ? _sip.To.Tag : _sip.From.Tag;

    // What every call ends with: the ACK to its failure, the 200 to its BYE.
    private bool IsTailOfCall => !_sip.IsRequest || _sip.Method == "ACK";

    // A peer of RFC 2543 gives no To tag: the dialog's is null then, and its requests have none (RFC 3261 §12.1.2).
    private bool IsInTaglessDialog => _role == 0 && State.IsAnswered && State.AnsweredTag is null && _sip.CSeq > State.InviteCSeq;

    private TurnResult Request() => _sip.Method switch
    {
        "INVITE" when _sip.To.Tag is null && !IsInTaglessDialog => FirstInvite(),
        "INVITE" => Reinvite(),
        "ACK" => Ack(),
        "PRACK" => Prack(),
        "UPDATE" => Offer(inDialog: State.IsAnswered),
        "CANCEL" => Cancel(),
        "BYE" => Bye(),
        _ => TurnResult.Taken,
    };

    private TurnResult Response() => _sip.CSeqMethod switch
    {
        "INVITE" => InviteResponse(),
        "UPDATE" or "PRACK" => DialogResponse(),
        _ => TurnResult.Taken,
    };

    private TurnResult FirstInvite()
    {
        if (_sip.CSeq < State.InviteCSeq)
            return TurnResult.Stale;
        if (_role != 0)
            return TurnResult.ForeignDialog;
        _progress.Invite(_sip, _at);
        return Offer(inDialog: false, isFirst: true);
    }

    private TurnResult Reinvite()
    {
        var result = Offer(inDialog: true);
        if (result == TurnResult.Taken)
            _progress.Signal(CallSignal.Reinvite, _at, CalleeTag);
        return result;
    }

    private TurnResult Offer(bool inDialog, bool isFirst = false)
    {
        var known = State.ExchangeOf(_role, _sip.CSeq, _sip.TopViaBranch);
        bool isKnown = _sip.CSeq == State.InviteCSeq || State.ExchangeOf(_role, _sip.CSeq) is not null;
        if (!isKnown && _sip.CSeq <= State.HighestCSeq[_role])
            return TurnResult.Stale;
        var exchange = known ?? Begun(inDialog, isFirst);
        _progress.Keep(exchange);
        return Negotiate(exchange, SdpPlace.Request);
    }

    private Exchange Begun(bool inDialog, bool isFirst) => new()
    {
        Role = _role,
        CSeq = _sip.CSeq,
        Branch = _sip.TopViaBranch,
        Hop = CallRoles.Hop(message.Captured),
        IsFirst = isFirst,
        Tag = isFirst ? null : CalleeTag,
        InDialog = inDialog,
    };

    private TurnResult Ack()
    {
        bool isOfAnswer = _role == 0 && _sip.CSeq == State.InviteCSeq && _sip.To.Tag is not null && _sip.TopViaBranch is { } branch
            && !Array.Exists(State.Branches, known => known.Id == branch || known.FailedTag == _sip.To.Tag);
        if (isOfAnswer)
            _progress.Signal(CallSignal.Acknowledged, _at, _sip.To.Tag);
        if (message.Media is null)
            return TurnResult.Taken;
        return Acknowledged(_sip.CSeq) is { } exchange ? Negotiate(exchange, SdpPlace.Acknowledgement) : TurnResult.TooEarly;
    }

    // The answer to an offer in a reliable 18x; else, with a description, an offer of its own (RFC 3262 §5).
    private TurnResult Prack()
    {
        if (message.Media is null)
            return TurnResult.Taken;
        var invite = CallRoles.RAckCSeq(_sip) is { } cseq ? Acknowledged(cseq) : null;
        return invite is { Offer: null } ? Negotiate(invite, SdpPlace.Acknowledgement) : Offer(inDialog: State.IsAnswered);
    }

    // The hop that an acknowledgement belongs to is not told by its branch, which is its own: by what waits for it, and by the way it goes.
    private Exchange? Acknowledged(uint cseq) => State.Exchanges
        .Where(exchange => exchange.IsOf(_role, cseq))
        .OrderBy(exchange => exchange.CounterOfferOf(CalleeTag) is null)
        .ThenByDescending(exchange => exchange.Hop == CallRoles.Hop(message.Captured))
        .FirstOrDefault();

    private TurnResult Cancel()
    {
        if (_role == 0 && _sip.CSeq == State.InviteCSeq && CallBranches.Find(State, _sip) is { } branch)
            _progress.Cancel(branch, _at);
        return TurnResult.Taken;
    }

    private TurnResult Bye()
    {
        bool isOfFormer = CalleeTag is { } tag && State.FormerTags.Contains(tag) && State.DialogOf(tag) is null;
        if (isOfFormer || (_role == 0 && _sip.CSeq < State.InviteCSeq))
            return TurnResult.Stale;
        var dialog = State.DialogOf(CalleeTag);
        bool isAnother = State.IsAnswered
            ? State.AnsweredTag is { } answered && answered != CalleeTag
            : dialog is not null && State.Dialogs.Length > 1;
        if (isAnother && dialog is not null)
            _progress.Drop(dialog);
        else if (!isAnother && Kept() is { } kept)
            _progress.TurnTo(kept, _at);
        else if (!isAnother)
            _progress.Signal(CallSignal.Bye, _at, by: _role);
        return TurnResult.Taken;
    }

    // Of two 2xx the caller keeps one, not always the first.
    private CallDialog? Kept() => State.IsAnswered && _at - State.PhaseSince <= ForkTime
        ? Array.Find(State.Dialogs, dialog => dialog.IsConfirmed && dialog.Tag != State.AnsweredTag)
        : null;

    private TurnResult InviteResponse()
    {
        bool isFirst = _role == 0 && _sip.CSeq == State.InviteCSeq && State.ExchangeOf(_role, _sip.CSeq) is { IsFirst: true };
        if (!isFirst)
            return DialogResponse();
        if (_sip.StatusCode >= 300)
            return Refusal();
        // A fork that rings on after another has answered, or a late copy of what its failure has ended.
        bool isLost = State.IsAnswered ? _sip.To.Tag != State.AnsweredTag : CallBranches.Find(State, _sip) is { IsOver: true };
        if (isLost && _sip.StatusCode < 200)
            return TurnResult.Taken;
        _progress.Reply(Answered()!, _sip);
        _progress.Ring(_sip.StatusCode, _at);
        if (_sip.StatusCode >= 200)
            _progress.Answer(_sip, _at);
        return Negotiate(Answered()!, SdpPlace.Reply);
    }

    private TurnResult Refusal()
    {
        if (CallBranches.Find(State, _sip) is { IsOver: false } branch)
            _progress.Refuse(branch, _sip, RefusalSignal(), _at);
        return TurnResult.Taken;
    }

    private CallSignal RefusalSignal()
    {
        if (_sip.StatusCode == 487)
            return CallSignal.Terminated;
        bool isAgain = State.ChallengedWith == _sip.StatusCode && !CallRoles.IsStaleNonce(_sip);
        return RetryStatuses.Contains(_sip.StatusCode) && !isAgain ? CallSignal.Challenge : CallSignal.Failure;
    }

    // An INVITE within the dialog, an UPDATE or a PRACK: only a 2xx changes media (RFC 3261 §14.1, RFC 3311 §5.2).
    private TurnResult DialogResponse()
    {
        if (Answered() is not { } exchange)
            return hasWaited ? Lone() : _sip.CSeq <= State.HighestCSeq[_role] ? TurnResult.Taken : TurnResult.TooEarly;
        if (_sip.StatusCode >= 300)
            _progress.Fail(exchange, _sip.StatusCode, _at);
        else if (_sip.StatusCode >= 200)
            _progress.Refresh(_sip, _at);
        return _sip.StatusCode >= 300 || (_sip.StatusCode < 200 && exchange.Offer is not null) ? TurnResult.Taken : Negotiate(exchange, SdpPlace.Reply);
    }

    // The request was not seen: what its response describes is known all the same.
    private TurnResult Lone() => _sip.StatusCode is >= 200 and < 300 && message.Media is not null && State.DialogOf(CalleeTag) is not null
        ? Negotiate(Begun(inDialog: true, isFirst: false), SdpPlace.Reply)
        : TurnResult.TooEarly;

    // Responses belong to the hop of their top Via; on one whose request was not seen they say what is theirs alone.
    private Exchange? Answered()
    {
        var exchange = State.ExchangeOf(_role, _sip.CSeq, _sip.TopViaBranch);
        if (exchange is not null || State.ExchangeOf(_role, _sip.CSeq) is not { } other)
            return exchange;
        if (_sip.TopViaBranch is null)
            return other;
        return Begun(other.InDialog, other.IsFirst) with { Tags = _sip.StatusCode > 100 && other.IsFirst ? [_sip.To.Tag] : [] };
    }

    private TurnResult Negotiate(Exchange exchange, SdpPlace place)
    {
        if (message.Media is not { } sdp)
            return TurnResult.Taken;
        if (OfferAnswer.Next(exchange, place, CalleeTag, sdp) is not { } next)
            return TurnResult.TooEarly;
        // Answers that were seen before the offer.
        var early = place == SdpPlace.Request ? next.Exchange.CounterOffers.Where(counter => counter.Answer is null).ToList() : [];
        var kept = early.Count == 0 ? next.Exchange : next.Exchange with { CounterOffers = [] };
        _progress.Keep(kept);
        foreach (var answer in early)
            _progress.Agree(kept, new Agreement(sdp, answer.Offer, _role), answer.Tag);
        if (next.Agreement is { } agreement)
            _progress.Agree(kept, agreement, CalleeTag);
        return TurnResult.Taken;
    }
}
