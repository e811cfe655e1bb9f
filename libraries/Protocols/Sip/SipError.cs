namespace CallMirror.Protocols.Sip;

/// <summary>Why bytes were not taken as a SIP message. All else an endpoint might object to is tolerated: see docs/protocols/sip.md.</summary>
public enum SipError
{
    None,

    /// <summary>Nothing, or nothing but line ends: a keep-alive (RFC 5626 §3.5.1).</summary>
    Empty,

    /// <summary>The first line names no SIP version: these bytes are not SIP.</summary>
    NoStartLine,

    /// <summary>The first line names a SIP version but is neither a request line nor a status line (RFC 3261 §7.1, 7.2).</summary>
    BadStartLine,

    /// <summary>A SIP version other than 2.0 (RFC 3261 §7.1).</summary>
    UnsupportedVersion,

    /// <summary>A status code that is not three digits from 100 to 699 (RFC 3261 §7.2).</summary>
    BadStatusCode,

    /// <summary>The headers together are longer than <see cref="SipMessage.MaxHeaderBytes"/>.</summary>
    HeaderTooLong,

    /// <summary>More header lines than <see cref="SipMessage.MaxHeaders"/>.</summary>
    TooManyHeaders,

    /// <summary>No Call-ID, or an empty one: the message belongs to no call (RFC 3261 §8.1.1.4).</summary>
    MissingCallId,

    /// <summary>No CSeq (RFC 3261 §8.1.1.5).</summary>
    MissingCSeq,

    /// <summary>A CSeq without a number below 2^32 or without a method (RFC 3261 §20.16).</summary>
    BadCSeq,
}
