using System.Buffers.Binary;

namespace CallMirror.Protocols.Rtp;

/// <summary>Reads who an RTP packet is of, and its time, where the rest of its header (RFC 3550 §5.1) is of no concern.</summary>
public static class RtpFields
{
    private const int TimestampOffset = 4;
    private const int SsrcOffset = 8;

    /// <summary>Reads both; false where the packet is too short for them.</summary>
    public static bool TryRead(ReadOnlySpan<byte> rtp, out RtpTimestamp timestamp, out uint ssrc)
    {
        bool isThere = rtp.Length >= SsrcOffset + sizeof(uint);
        timestamp = isThere ? new RtpTimestamp(BinaryPrimitives.ReadUInt32BigEndian(rtp[TimestampOffset..])) : default;
        ssrc = isThere ? BinaryPrimitives.ReadUInt32BigEndian(rtp[SsrcOffset..]) : 0;
        return isThere;
    }
}
