using System.Buffers.Binary;

namespace CallMirror.Protocols.Rtp;

/// <summary>One report of a DTMF digit or another telephony event (RFC 4733 §2.3); a digit is sent as many reports with one RTP timestamp.</summary>
/// <param name="Event">Event code (§3.2: 0 to 15 are the DTMF digits).</param>
/// <param name="IsEnd">The event is over: its duration is final.</param>
/// <param name="Volume">Power in −dBm0, 0 to 63.</param>
/// <param name="Duration">Duration so far, in timestamp units.</param>
public readonly record struct TelephoneEvent(byte Event, bool IsEnd, byte Volume, ushort Duration)
{
    //  0                   1                   2                   3
    //  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
    // +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
    // |     event     |E|R| volume    |          duration             |
    public const int Length = 4;
    private const byte EndBit = 0x80;
    private const byte VolumeMask = 0x3F;
    private const string Digits = "0123456789*#ABCD";

    /// <summary>The DTMF digit, or null for flash and every other event.</summary>
    public char? Digit => Event < Digits.Length ? Digits[Event] : null;

    /// <summary>Reads the first report of a payload; FreeSWITCH and phones never send more than one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out TelephoneEvent value, out RtpError error)
    {
        value = default;
        error = payload.Length < Length ? RtpError.BadTelephoneEvent : RtpError.None;
        if (error != RtpError.None)
            return false;
        value = new TelephoneEvent(
            payload[0],
            (payload[1] & EndBit) != 0,
            (byte)(payload[1] & VolumeMask),
            BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        return true;
    }

    /// <summary>Writes one report, the <see cref="Length"/> bytes that <see cref="TryParse"/> reads, into a destination of that many at least.</summary>
    public void WriteTo(Span<byte> destination)
    {
        destination[0] = Event;
        destination[1] = (byte)((IsEnd ? EndBit : 0) | (Volume & VolumeMask));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Duration);
    }
}
