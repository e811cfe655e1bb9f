using System.Net;

namespace CallMirror.Protocols.Sdp;

/// <summary>One m= section (RFC 8866 §5.14) with what it inherits from the session level.</summary>
public sealed record MediaDescription
{
    /// <summary>"audio", "video", "image" ..., as written.</summary>
    public required string Media { get; init; }

    /// <summary>0 to 65535; 0 refuses or removes the stream (RFC 3264 §6, 8.2).</summary>
    public required int Port { get; init; }

    /// <summary>The number of port pairs in the form port/count, else 1.</summary>
    public required int PortCount { get; init; }

    /// <summary>"RTP/AVP" and so on, as written.</summary>
    public required string Protocol { get; init; }

    /// <summary>Where this side wants its media: of the media's c= line, else the session's; null where there is none or it names a host.</summary>
    public IPAddress? Connection { get; init; }

    /// <summary>The c= line's address or host name as written; null where there is no such line.</summary>
    public string? ConnectionHost { get; init; }

    /// <summary>The media's attribute, else the session's, else sendrecv (RFC 3264 §5.1). A hold by address does not change it.</summary>
    public MediaDirection Direction { get; init; }

    /// <summary>Held the old way, with c=0.0.0.0 (RFC 3264 §8.4), or its IPv6 form.</summary>
    public bool IsOnHoldByAddress => IPAddress.Any.Equals(Connection) || IPAddress.IPv6Any.Equals(Connection);

    /// <summary>The payload types of the m= line in its order, best first; empty for what is not RTP.</summary>
    public IReadOnlyList<RtpPayloadFormat> Formats { get; init; } = [];

    /// <summary>a=ptime in milliseconds, or null.</summary>
    public int? Ptime { get; init; }

    /// <summary>The port of a=rtcp (RFC 3605), or null: then it is the port after <see cref="Port"/>.</summary>
    public int? RtcpPort { get; init; }

    /// <summary>RTCP may come on the RTP port (RFC 5761).</summary>
    public bool RtcpMux { get; init; }

    /// <summary>SRTP is asked for or offered: a secure protocol, a=crypto (RFC 4568) or a=fingerprint (RFC 5763).</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>The sources that a=ssrc announces (RFC 5576), each once.</summary>
    public IReadOnlyList<uint> Ssrcs { get; init; } = [];
}
