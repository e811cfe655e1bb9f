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
    private readonly DateTimeOffset at = message.At < state.StartedAt ? state.StartedAt : message.At;
    private readonly CallProgress progress = new(state, []);
    private readonly SipMessage sip = message.Sip;
    private int role;

    public CallState State => progress.State;

    public IReadOnlyList<object> Events => progress.Events;

    public TurnResult Run()
    {
        if (!CallRoles.TryFind(State, sip, out role))
            return TurnResult.ForeignDialog;
        if (State.IsEnded)
            return IsTailOfCall ? TurnResult.Taken : TurnResult.AfterEnd;
        var result = sip.IsRequest ? Request() : Response();
        if (result == TurnResult.Taken)
            progress.Seen(sip, role, at);
        return result;
    }

    private string? CalleeTag => role == 0 ? sip.To.Tag : sip.From.Tag;

    // What every call ends with: the ACK to its failure, the 200 to its BYE.
    private bool IsTailOfCall => !sip.IsRequest || sip.Method == "ACK";

    private TurnResult Request() => sip.Method switch
    {
        "INVITE" when sip.To.Tag is null => FirstInvite(),
        "INVITE" => Reinvite(),
        "ACK" => Ack(),
        "PRACK" => Prack(),
        "UPDATE" => Offer(inDialog: State.IsAnswered),
        "CANCEL" => Cancel(),
        "BYE" => Bye(),
        _ => TurnResult.Taken,
    };

    private TurnResult Response() => sip.CSeqMethod switch
    {
        "INVITE" => InviteResponse(),
        "UPDATE" or "PRACK" => DialogResponse(),
        _ => TurnResult.Taken,
    };

    private TurnResult FirstInvite()
    {
        if (sip.CSeq < State.InviteCSeq)
            return TurnResult.Stale;
        if (role != 0 || (State.IsAnswered && sip.CSeq > State.InviteCSeq))
            return TurnResult.ForeignDialog;
        progress.Invite(sip, at);
        return Offer(inDialog: false);
    }

    private TurnResult Reinvite()
    {
        var result = Offer(inDialog: true);
        if (result == TurnResult.Taken)
            progress.Signal(CallSignal.Reinvite, at, CalleeTag);
        return result;
    }

    private TurnResult Offer(bool inDialog)
    {
        var known = State.ExchangeOf(role, sip.CSeq);
        if (known is null && sip.CSeq <= State.HighestCSeq[role] && sip.CSeq != State.InviteCSeq)
            return TurnResult.Stale;
        var exchange = known ?? new Exchange { Role = role, CSeq = sip.CSeq, InDialog = inDialog };
        progress.Keep(exchange);
        return Negotiate(exchange, SdpPlace.Request);
    }

    private TurnResult Ack()
    {
        if (role == 0 && sip.CSeq == State.InviteCSeq && sip.To.Tag is not null && sip.TopViaBranch is { } branch && !State.Branches.Contains(branch))
            progress.Signal(CallSignal.Acknowledged, at, sip.To.Tag);
        if (message.Media is null)
            return TurnResult.Taken;
        return State.ExchangeOf(role, sip.CSeq) is { } exchange ? Negotiate(exchange, SdpPlace.Acknowledgement) : TurnResult.TooEarly;
    }

    // The answer to an offer in a reliable 18x; else, with a description, an offer of its own (RFC 3262 §5).
    private TurnResult Prack()
    {
        if (message.Media is null)
            return TurnResult.Taken;
        var invite = CallRoles.RAckCSeq(sip) is { } cseq ? State.ExchangeOf(role, cseq) : null;
        return invite is { Offer: null } ? Negotiate(invite, SdpPlace.Acknowledgement) : Offer(inDialog: State.IsAnswered);
    }

    private TurnResult Cancel()
    {
        if (role == 0 && sip.CSeq == State.InviteCSeq && IsOfFirstBranch())
            progress.Signal(CallSignal.Cancel, at, by: 0);
        return TurnResult.Taken;
    }

    private TurnResult Bye()
    {
        if (State.IsAnswered && State.AnsweredTag is { } answered && answered != CalleeTag)
            return TurnResult.Taken;
        if (!State.IsAnswered && State.DialogOf(CalleeTag) is { } early && State.Dialogs.Length > 1)
            progress.Drop(early);
        else
            progress.Signal(CallSignal.Bye, at, by: role);
        return TurnResult.Taken;
    }

    private TurnResult InviteResponse()
    {
        bool isFirst = role == 0 && sip.CSeq == State.InviteCSeq && State.ExchangeOf(role, sip.CSeq) is { InDialog: false };
        if (!isFirst)
            return DialogResponse();
        if (sip.StatusCode >= 300)
            return Refusal();
        if (State.IsAnswered && sip.To.Tag != State.AnsweredTag)
            return TurnResult.Taken;
        if (sip.StatusCode > 100)
            progress.Enter(sip.To.Tag);
        if (sip.StatusCode >= 200)
            progress.Answer(sip, at);
        return Negotiate(State.ExchangeOf(role, sip.CSeq)!, SdpPlace.Reply);
    }

    private TurnResult Refusal()
    {
        if (!IsOfFirstBranch())
            return TurnResult.Taken;
        progress.Refuse(sip.StatusCode, RefusalSignal(), at);
        return TurnResult.Taken;
    }

    private CallSignal RefusalSignal()
    {
        if (sip.StatusCode == 487)
            return CallSignal.Terminated;
        bool isAgain = State.ChallengedWith == sip.StatusCode && !CallRoles.IsStaleNonce(sip);
        return RetryStatuses.Contains(sip.StatusCode) && !isAgain ? CallSignal.Challenge : CallSignal.Failure;
    }

    // An INVITE within the dialog, an UPDATE or a PRACK: only a 2xx changes media (RFC 3261 §14.1, RFC 3311 §5.2).
    private TurnResult DialogResponse()
    {
        if (State.ExchangeOf(role, sip.CSeq) is not { } exchange)
            return sip.CSeq <= State.HighestCSeq[role] ? TurnResult.Taken : TurnResult.TooEarly;
        if (sip.StatusCode >= 300)
            progress.Fail(exchange, sip.StatusCode, at);
        else if (sip.StatusCode >= 200)
            progress.Refresh(sip, at);
        return sip.StatusCode >= 300 || (sip.StatusCode < 200 && exchange.Offer is not null) ? TurnResult.Taken : Negotiate(exchange, SdpPlace.Reply);
    }

    private TurnResult Negotiate(Exchange exchange, SdpPlace place)
    {
        if (message.Media is not { } sdp)
            return TurnResult.Taken;
        if (OfferAnswer.Next(exchange, place, CalleeTag, sdp) is not { } next)
            return TurnResult.TooEarly;
        progress.Keep(next.Exchange);
        if (next.Agreement is { } agreement)
            progress.Agree(agreement, CalleeTag, at);
        return TurnResult.Taken;
    }

    // A proxy's forks fail and are cancelled one by one; only the INVITE that was seen first stands for the call (RFC 3261 §16.7).
    private bool IsOfFirstBranch() =>
        sip.TopViaBranch is not { } branch || State.Branches is not [var first, ..] || first == branch;
}
