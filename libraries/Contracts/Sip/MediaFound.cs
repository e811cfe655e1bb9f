namespace CallMirror.Contracts.Sip;

/// <summary>
/// Steady G.711 that no call claims, so that the tap must have missed its SDP (exchange <c>callmirror.media-found</c>, capture → sip-tracker,
/// in one order with <see cref="SipMessageCaptured"/>). sip-tracker makes a call of it, unless it knows one that the addresses belong to.
/// </summary>
public sealed record MediaFound
{
    /// <summary>The capture process that saw it.</summary>
    public required string CaptureId { get; init; }

    /// <summary>Counted with the SIP messages of that process: <see cref="SipMessageCaptured.Sequence"/>.</summary>
    public required long Sequence { get; init; }

    /// <summary>What the call will be called: made of its addresses and the time of its first packet.</summary>
    public required string CallId { get; init; }

    /// <summary>Capture time of the packet by which it was certain.</summary>
    public required DateTimeOffset CapturedAt { get; init; }

    /// <summary>Capture time of the first packet that is still there: the call's epoch.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Sender of that packet, <c>address:port</c>, IPv6 in brackets: role 0.</summary>
    public required string Source { get; init; }

    /// <summary>Receiver of that packet, <c>address:port</c>, IPv6 in brackets: role 1.</summary>
    public required string Destination { get; init; }

    /// <summary>The static payload type that was seen: 0 = PCMU, 8 = PCMA (RFC 3551 §6).</summary>
    public required int PayloadType { get; init; }

    /// <summary>Asks for a <see cref="SipMessageHandled"/>, as a SIP message does.</summary>
    public bool AnswerRequested { get; init; }
}
