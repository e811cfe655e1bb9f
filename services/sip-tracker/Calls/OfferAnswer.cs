using static CallMirror.SipTracker.Calls.SdpPlace;

namespace CallMirror.SipTracker.Calls;

/// <summary>Where in its transaction a session description was found.</summary>
internal enum SdpPlace : byte
{
    /// <summary>In the INVITE, UPDATE or PRACK.</summary>
    Request,

    /// <summary>In a response to it.</summary>
    Reply,

    /// <summary>In the ACK or PRACK that acknowledges that response.</summary>
    Acknowledgement,
}

/// <summary>An offer and its answer.</summary>
/// <param name="Offer">The m= lines of the offer.</param>
/// <param name="Answer">Those of the answer, paired with them by place.</param>
/// <param name="Offerer">The role that offered.</param>
internal sealed record Agreement(MediaLine[] Offer, MediaLine[] Answer, int Offerer);

/// <summary>An offer that came in a response, and the answer that its acknowledgement gave. One a responder: an INVITE may be forked.</summary>
internal sealed record CounterOffer(string? Tag, MediaLine[] Offer, MediaLine[]? Answer);

/// <summary>A transaction that carries an offer, an answer or both. Each hop that is seen has its own: a proxy may relay media.</summary>
internal sealed record Exchange
{
    private const int MaxCounterOffers = 16;
    private const int MaxTags = 16;

    /// <summary>The role that sent the request.</summary>
    public required int Role { get; init; }

    public required uint CSeq { get; init; }

    /// <summary>The top Via's branch of the request: responses have it too (RFC 3261 §17.1.3).</summary>
    public string? Branch { get; init; }

    /// <summary>The two addresses that the request ran between.</summary>
    public string Hop { get; init; } = "";

    /// <summary>An INVITE outside a dialog.</summary>
    public bool IsFirst { get; init; }

    /// <summary>The callee's tag of the dialog that the request belongs to.</summary>
    public string? Tag { get; init; }

    /// <summary>The callee's tags that responses to the first INVITE had.</summary>
    public string?[] Tags { get; init; } = [];

    /// <summary>The request was sent within an established dialog.</summary>
    public bool InDialog { get; init; }

    /// <summary>A later one of the dialog has taken its place: it says nothing any more.</summary>
    public bool IsSettled { get; init; }

    /// <summary>What the request offers; null where it offers nothing.</summary>
    public MediaLine[]? Offer { get; init; }

    public CounterOffer[] CounterOffers { get; init; } = [];

    public int Responder => 1 - Role;

    public CounterOffer? CounterOfferOf(string? tag) => Array.Find(CounterOffers, counter => counter.Tag == tag);

    public bool IsOf(int role, uint cseq) => Role == role && CSeq == cseq;

    /// <summary>Whether that was agreed by it.</summary>
    public bool Agreed(Agreed agreed) => agreed.Branch == Branch && agreed.Role == Role && agreed.CSeq == CSeq;

    public Exchange WithTag(string? tag) => Tags.Contains(tag) ? this : this with { Tags = [.. Tags.TakeLast(MaxTags - 1), tag] };

    public Exchange With(CounterOffer counter)
    {
        var others = CounterOffers.Where(other => other.Tag != counter.Tag).TakeLast(MaxCounterOffers - 1);
        return this with { CounterOffers = [.. others, counter] };
    }
}

/// <summary>The offer/answer model over SIP (RFC 3264, RFC 6337 §2), one row a rule.</summary>
internal static class OfferAnswer
{
    /// <summary>The exchange after a description was seen, and what is agreed by it, if anything. Null where the description came before what it answers.</summary>
    public static (Exchange Exchange, Agreement? Agreement)? Next(Exchange exchange, SdpPlace place, string? tag, MediaLine[] sdp) =>
        (place, exchange.Offer, exchange.CounterOfferOf(tag)) switch
        {
            (Request, _, _) => (exchange with { Offer = sdp }, null),                                  // RFC 3261 §13.2.1, RFC 3311 §5.1
            (Reply, { } offer, _) => (exchange, new Agreement(offer, sdp, exchange.Role)),             // RFC 3261 §13.2.1
            (Reply, null, { Answer: { } answer }) => (exchange.With(new CounterOffer(tag, sdp, answer)),
                                                      new Agreement(sdp, answer, exchange.Responder)), // the 2xx says it again
            (Reply, null, _) => (exchange.With(new CounterOffer(tag, sdp, null)), null),               // RFC 3261 §14.1, RFC 3262 §5
            (Acknowledgement, { }, _) => (exchange, null),                                             // RFC 3261 §13.2.1: no answer belongs there
            (Acknowledgement, null, { } counter) => (exchange.With(counter with { Answer = sdp }),
                                                     new Agreement(counter.Offer, sdp, exchange.Responder)), // RFC 3261 §13.2.2.4, RFC 3262 §5
            _ => null,
        };
}
