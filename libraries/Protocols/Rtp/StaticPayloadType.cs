namespace CallMirror.Protocols.Rtp;

/// <summary>The payload types of G.711 that need no SDP (RFC 3551 §6).</summary>
public static class StaticPayloadType
{
    /// <summary>G.711 µ-law.</summary>
    public const byte Pcmu = 0;

    /// <summary>G.711 A-law.</summary>
    public const byte Pcma = 8;
}
