namespace CallMirror.Protocols.Rtp;

/// <summary>All the reasons why bytes are no RTP packet, or a payload no telephone event.</summary>
public enum RtpError
{
    None,

    /// <summary>Shorter than the fixed header, or ends inside the CSRC list.</summary>
    TooShort,
    NotVersion2,

    /// <summary>A packet type from 192 to 223 (RFC 5761 §4).</summary>
    Rtcp,

    /// <summary>The header extension is longer than the packet.</summary>
    BadExtension,

    /// <summary>The padding count is 0 or longer than what it may cover.</summary>
    BadPadding,

    /// <summary>A telephone-event payload of fewer than four bytes (RFC 4733 §2.3).</summary>
    BadTelephoneEvent,
}
