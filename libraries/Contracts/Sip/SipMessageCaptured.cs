namespace CallMirror.Contracts.Sip;

/// <summary>One SIP message as it was on the wire (exchange <c>callmirror.sip</c>, capture → sip-tracker).</summary>
public sealed record SipMessageCaptured
{
    /// <summary>The capture process that saw it.</summary>
    public required string CaptureId { get; init; }

    /// <summary>Counts the SIP messages of one capture process, from 1.</summary>
    public required long Sequence { get; init; }

    /// <summary>The Call-ID header, or an empty string where the message has none.</summary>
    public required string CallId { get; init; }

    /// <summary>When the packet was captured.</summary>
    public required DateTimeOffset CapturedAt { get; init; }

    /// <summary>Sender, <c>address:port</c>, IPv6 in brackets.</summary>
    public required string Source { get; init; }

    /// <summary>Receiver, <c>address:port</c>, IPv6 in brackets.</summary>
    public required string Destination { get; init; }

    /// <summary><c>udp</c> or <c>tcp</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>The message, start line to end of body (base64 in JSON).</summary>
    public required byte[] Payload { get; init; }

    /// <summary>Asks for a <see cref="SipMessageHandled"/>: a capture that reads a file waits for it, a live one declares nothing silent before it.</summary>
    public bool AnswerRequested { get; init; }
}
