using CallMirror.Protocols.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>What a turn made of its message.</summary>
internal enum TurnResult : byte
{
    /// <summary>It took part, or was a retransmission.</summary>
    Taken,

    /// <summary>It came before what it belongs to.</summary>
    TooEarly,

    Stale,
    ForeignDialog,
    AfterEnd,
}

/// <summary>
/// One message applied to one call: what the message means by its dialog and transaction. The new state and the events count only
/// where the message was taken.
/// </summary>
internal sealed class CallTurn(CallState state, CallMessage message)
{
    private static readonly int[] RetryStatuses = [401, 407, 422];

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
            return TurnResult.ForeignDialog;
        if (State.IsEnded)
            return IsTailOfCall ? TurnResult.Taken : TurnResult.AfterEnd;
        var result = _sip.IsRequest ? Request() : Response();
        if (result == TurnResult.Taken)
            _progress.Seen(_sip, _role, _at);
        return result;
    }

    private string? CalleeTag => _role == 0 ? _sip.To.Tag : _sip.From.Tag;

    // What every call ends with: the ACK to its failure, the 200 to its BYE.
    private bool IsTailOfCall => !_sip.IsRequest || _sip.Method == "ACK";

    private TurnResult Request() => _sip.Method switch
    {
        "INVITE" when _sip.To.Tag is null => FirstInvite(),
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
        if (_role != 0 || (State.IsAnswered && _sip.CSeq > State.InviteCSeq))
            return TurnResult.ForeignDialog;
        _progress.Invite(_sip, _at);
        return Offer(inDialog: false);
    }

    private TurnResult Reinvite()
    {
        var result = Offer(inDialog: true);
        if (result == TurnResult.Taken)
            _progress.Signal(CallSignal.Reinvite, _at, CalleeTag);
        return result;
    }

    private TurnResult Offer(bool inDialog)
    {
        var known = State.ExchangeOf(_role, _sip.CSeq);
        if (known is null && _sip.CSeq <= State.HighestCSeq[_role] && _sip.CSeq != State.InviteCSeq)
            return TurnResult.Stale;
        var exchange = known ?? new Exchange { Role = _role, CSeq = _sip.CSeq, InDialog = inDialog };
        _progress.Keep(exchange);
        return Negotiate(exchange, SdpPlace.Request);
    }

    private TurnResult Ack()
    {
        if (_role == 0 && _sip.CSeq == State.InviteCSeq && _sip.To.Tag is not null && _sip.TopViaBranch is { } branch && !State.Branches.Contains(branch))
            _progress.Signal(CallSignal.Acknowledged, _at, _sip.To.Tag);
        if (message.Media is null)
            return TurnResult.Taken;
        return State.ExchangeOf(_role, _sip.CSeq) is { } exchange ? Negotiate(exchange, SdpPlace.Acknowledgement) : TurnResult.TooEarly;
    }

    // The answer to an offer in a reliable 18x; else, with a description, an offer of its own (RFC 3262 §5).
    private TurnResult Prack()
    {
        if (message.Media is null)
            return TurnResult.Taken;
        var invite = CallRoles.RAckCSeq(_sip) is { } cseq ? State.ExchangeOf(_role, cseq) : null;
        return invite is { Offer: null } ? Negotiate(invite, SdpPlace.Acknowledgement) : Offer(inDialog: State.IsAnswered);
    }

    private TurnResult Cancel()
    {
        if (_role == 0 && _sip.CSeq == State.InviteCSeq && IsOfFirstBranch())
            _progress.Signal(CallSignal.Cancel, _at, by: 0);
        return TurnResult.Taken;
    }

    private TurnResult Bye()
    {
        if (State.IsAnswered && State.AnsweredTag is { } answered && answered != CalleeTag)
            return TurnResult.Taken;
        if (!State.IsAnswered && State.DialogOf(CalleeTag) is { } early && State.Dialogs.Length > 1)
            _progress.Drop(early);
        else
            _progress.Signal(CallSignal.Bye, _at, by: _role);
        return TurnResult.Taken;
    }

    private TurnResult InviteResponse()
    {
        bool isFirst = _role == 0 && _sip.CSeq == State.InviteCSeq && State.ExchangeOf(_role, _sip.CSeq) is { InDialog: false };
        if (!isFirst)
            return DialogResponse();
        if (_sip.StatusCode >= 300)
            return Refusal();
        if (State.IsAnswered && _sip.To.Tag != State.AnsweredTag)
            return TurnResult.Taken;
        if (_sip.StatusCode > 100)
            _progress.Enter(_sip.To.Tag);
        _progress.Ring(_sip.StatusCode, _at);
        if (_sip.StatusCode >= 200)
            _progress.Answer(_sip, _at);
        return Negotiate(State.ExchangeOf(_role, _sip.CSeq)!, SdpPlace.Reply);
    }

    private TurnResult Refusal()
    {
        if (!IsOfFirstBranch())
            return TurnResult.Taken;
        _progress.Refuse(_sip.StatusCode, RefusalSignal(), _at);
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
        if (State.ExchangeOf(_role, _sip.CSeq) is not { } exchange)
            return _sip.CSeq <= State.HighestCSeq[_role] ? TurnResult.Taken : TurnResult.TooEarly;
        if (_sip.StatusCode >= 300)
            _progress.Fail(exchange, _sip.StatusCode, _at);
        else if (_sip.StatusCode >= 200)
            _progress.Refresh(_sip, _at);
        return _sip.StatusCode >= 300 || (_sip.StatusCode < 200 && exchange.Offer is not null) ? TurnResult.Taken : Negotiate(exchange, SdpPlace.Reply);
    }

    private TurnResult Negotiate(Exchange exchange, SdpPlace place)
    {
        if (message.Media is not { } sdp)
            return TurnResult.Taken;
        if (OfferAnswer.Next(exchange, place, CalleeTag, sdp) is not { } next)
            return TurnResult.TooEarly;
        _progress.Keep(next.Exchange);
        if (next.Agreement is { } agreement)
            _progress.Agree(agreement, CalleeTag, _at);
        return TurnResult.Taken;
    }

    // A proxy's forks fail and are cancelled one by one; only the INVITE that was seen first stands for the call (RFC 3261 §16.7).
    private bool IsOfFirstBranch() =>
        _sip.TopViaBranch is not { } branch || State.Branches is not [var first, ..] || first == branch;
}
