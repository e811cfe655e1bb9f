namespace CallMirror.Contracts.Calls;

/// <summary>
/// SDP was offered or answered (RFC 3264): which transport addresses carry which role, and what the payload types mean.
/// What a later one says replaces what the earlier ones of its call said: an address that it does not name is withdrawn.
/// </summary>
public sealed record MediaNegotiated : CallEvent
{
    /// <summary>Counts the negotiations of the call from 1.</summary>
    public required int Version { get; init; }

    /// <summary>As in <see cref="CallStarted.From"/>, so that a gateway needs this event alone.</summary>
    public string? From { get; init; }

    /// <summary>As in <see cref="CallStarted.To"/>.</summary>
    public string? To { get; init; }

    /// <summary>
    /// One entry a role of the accepted audio; more where several dialogs, hops or offers count at once (forks that ring, a relay that is seen on both sides, a
    /// re-INVITE that is not answered yet). Of an offer without an answer one end is known: what comes there is the answerer's, what leaves it the offerer's
    /// (RFC 3264 §5.1).
    /// </summary>
    public required IReadOnlyList<NegotiatedStream> Streams { get; init; }

    /// <summary>The hosts, without ports, that the caller's SIP comes from on this mirror: where NAT hides its announced address, its media runs there too.</summary>
    public IReadOnlyList<string> CallerHosts { get; init; } = [];

    /// <summary>The hosts, without ports, that the callee's SIP comes from on this mirror.</summary>
    public IReadOnlyList<string> CalleeHosts { get; init; } = [];

    /// <summary>Nothing was negotiated in sight: capture found the call by its RTP (<see cref="Sip.MediaFound"/>), and by its silence it ends.</summary>
    public bool IsFound { get; init; }

    /// <summary>Whether any of the audio can be decoded: only then is there a lane, for nothing would ever come in it otherwise.</summary>
    public bool HasClearAudio() => Streams.Any(stream => !stream.Encrypted);
}

/// <summary>The audio of one role, as negotiated.</summary>
public sealed record NegotiatedStream
{
    /// <summary>0 = caller (what the sender of the INVITE says), 1 = callee (what it hears).</summary>
    public required int Role { get; init; }

    /// <summary>The address that the party who says it announced for itself, <c>address:port</c>: with symmetric RTP it sends from there. Null where it announced none.</summary>
    public string? Sender { get; init; }

    /// <summary>The address that the party who hears it announced: the packets go there. Null where it announced none.</summary>
    public string? Receiver { get; init; }

    /// <summary>What the payload types in packets to the receiver mean.</summary>
    public required IReadOnlyList<PayloadFormat> Formats { get; init; }

    /// <summary>True for SRTP (RFC 3711): the payload can't be decoded.</summary>
    public bool Encrypted { get; init; }
}

/// <summary>An RTP payload type and its meaning (SDP <c>a=rtpmap</c>, RFC 8866 §6.6).</summary>
public sealed record PayloadFormat
{
    /// <summary>0 to 127.</summary>
    public required int PayloadType { get; init; }

    /// <summary>Encoding name in upper case: PCMA, PCMU, TELEPHONE-EVENT, CN, G722, OPUS ...</summary>
    public required string Encoding { get; init; }

    /// <summary>RTP clock in Hz.</summary>
    public required int ClockRate { get; init; }
}
