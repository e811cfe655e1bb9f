namespace CallMirror.Protocols.Rtp;

/// <summary>What the payload of a UDP datagram looks like.</summary>
public enum PacketKind
{
    /// <summary>Neither of them.</summary>
    Other,

    /// <summary>RFC 3550 §5.1.</summary>
    Rtp,

    /// <summary>RFC 3550 §6.1.</summary>
    Rtcp,
}

/// <summary>Tells RTP and RTCP on one port apart, and both from anything else, by their first two bytes and length (RFC 5761 §4).</summary>
public static class RtpClassifier
{
    private const int RtcpMinLength = 8;

    /// <summary>Judges the whole payload of a datagram; any bytes get an answer.</summary>
    public static PacketKind Classify(ReadOnlySpan<byte> data) => RtpPacket.CheckFixedHeader(data) switch
    {
        RtpError.None => PacketKind.Rtp,
        RtpError.Rtcp => PacketKind.Rtcp,
        // A receiver report without blocks has only 8 bytes.
        RtpError.TooShort when IsShortRtcp(data) => PacketKind.Rtcp,
        _ => PacketKind.Other,
    };

    /// <summary>Whether the second byte is an RTCP packet type; RTP payload types 64 to 95 with a marker would look the same and are not used for that reason.</summary>
    internal static bool IsRtcpType(byte second) => second is >= 192 and <= 223;

    private static bool IsShortRtcp(ReadOnlySpan<byte> data) =>
        data.Length is >= RtcpMinLength and < RtpPacket.FixedHeaderLength && (data[0] & 0xC0) == 0x80 && IsRtcpType(data[1]);
}
