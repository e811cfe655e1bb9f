using System.Globalization;

namespace CallMirror.Protocols.Rtp;

/// <summary>RTP sequence number (RFC 3550 §5.1), modulo 2^16.</summary>
public readonly record struct SequenceNumber(ushort Value)
{
    public SequenceNumber Next => new((ushort)(Value + 1));

    /// <summary>How many packets <paramref name="left"/> is after <paramref name="right"/>, the short way round: −32768 to 32767.</summary>
    public static int operator -(SequenceNumber left, SequenceNumber right) => (short)(ushort)(left.Value - right.Value);

    public static SequenceNumber operator +(SequenceNumber left, int packets) => new((ushort)(left.Value + packets));

    /// <summary>How many packets come from this one to <paramref name="later"/>: 1 where it is the next.</summary>
    public int Distance(SequenceNumber later) => later - this;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>RTP timestamp (RFC 3550 §5.1) in units of the payload's clock rate, modulo 2^32.</summary>
public readonly record struct RtpTimestamp(uint Value)
{
    /// <summary>How many units <paramref name="left"/> is after <paramref name="right"/>, the short way round: −2^31 to 2^31 − 1.</summary>
    public static int operator -(RtpTimestamp left, RtpTimestamp right) => (int)(left.Value - right.Value);

    public static RtpTimestamp operator +(RtpTimestamp left, int units) => new(left.Value + (uint)units);

    /// <summary>How many units it is from this one to <paramref name="later"/>.</summary>
    public int Distance(RtpTimestamp later) => later - this;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Synchronisation source (RFC 3550 §3), printed as eight hexadecimal digits.</summary>
public readonly record struct Ssrc(uint Value)
{
    public override string ToString() => Value.ToString("x8", CultureInfo.InvariantCulture);
}
