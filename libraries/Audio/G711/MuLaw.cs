using System.Numerics;

namespace CallMirror.Audio.G711;

/// <summary>µ-law companding to and from 16-bit linear samples (ITU-T G.711 §3, tables 2a and 2b; RTP payload type 0, PCMU).</summary>
public static class MuLaw
{
    /// <summary>The code of silence.</summary>
    public const byte Silence = 0xFF;

    // 33 of the law's 14-bit units: with it added, every segment begins at a power of two.
    private const int Bias = 33;
    private const int LargestMagnitude = 8191 - Bias;
    private const int SignBit = 0x80;

    private static readonly short[] Values = ExpansionTable.Build(Expand);

    /// <summary>The middle of the code's interval, a 14-bit value left-justified in 16 bits; both codes of zero give 0.</summary>
    public static short Decode(byte code) => Values[code];

    /// <summary>Decodes one sample a byte.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <paramref name="source"/>.</exception>
    public static void Decode(ReadOnlySpan<byte> source, Span<short> destination) => ExpansionTable.Decode(Values, source, destination);

    /// <summary>The code whose interval holds the sample; only its upper 14 bits count, and what is too loud is clipped.</summary>
    public static byte Encode(short sample)
    {
        int value = sample >> 2;
        int inversion = value >= 0 ? 0xFF : 0xFF & ~SignBit;
        int magnitude = Math.Min(Math.Abs(value), LargestMagnitude) + Bias;
        int segment = BitOperations.Log2((uint)magnitude) - 5;
        int step = (magnitude >> (segment + 1)) & 0x0F;
        return (byte)(((segment << 4) | step) ^ inversion);
    }

    /// <summary>Encodes one byte a sample.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <paramref name="source"/>.</exception>
    public static void Encode(ReadOnlySpan<short> source, Span<byte> destination)
    {
        Lengths.Require(destination.Length, source.Length);
        for (int i = 0; i < source.Length; i++)
            destination[i] = Encode(source[i]);
    }

    private static short Expand(byte code)
    {
        const int bias16 = Bias << 2;
        int bits = ~code;
        int segment = (bits >> 4) & 7;
        int magnitude = ((((bits & 0x0F) << 3) + bias16) << segment) - bias16;
        return (short)((bits & SignBit) != 0 ? -magnitude : magnitude);
    }
}
