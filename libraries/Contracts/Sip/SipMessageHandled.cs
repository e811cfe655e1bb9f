namespace CallMirror.Contracts.Sip;

/// <summary>sip-tracker has handled a SIP message, or a <see cref="MediaFound"/>, and published before this all events that follow from it.</summary>
public sealed record SipMessageHandled
{
    /// <summary>As in <see cref="SipMessageCaptured.CaptureId"/>.</summary>
    public required string CaptureId { get; init; }

    /// <summary>As in <see cref="SipMessageCaptured.Sequence"/>: that message and all before it of its call.</summary>
    public required long Sequence { get; init; }

    /// <summary>As in <see cref="SipMessageCaptured.CallId"/>.</summary>
    public required string CallId { get; init; }
}
