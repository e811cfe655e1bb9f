namespace CallMirror.Protocols.Sdp;

/// <summary>Why bytes were not taken as a session description. All else is tolerated: see docs/protocols/sdp.md.</summary>
public enum SdpError
{
    None,

    /// <summary>Nothing, or nothing but whitespace.</summary>
    Empty,

    /// <summary>Longer than <see cref="SessionDescription.MaxBytes"/>.</summary>
    TooLong,

    /// <summary>The first line is not a letter and an equals sign: these bytes are no SDP.</summary>
    NotSdp,

    /// <summary>A v= line other than 0 (RFC 8866 §5.1).</summary>
    UnsupportedVersion,

    /// <summary>An m= line without media, port and protocol, or whose port is not from 0 to 65535 (RFC 8866 §5.14).</summary>
    BadMediaLine,

    /// <summary>More m= lines than <see cref="SessionDescription.MaxMedia"/>.</summary>
    TooManyMedia,
}
