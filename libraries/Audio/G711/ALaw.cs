using System.Numerics;

namespace CallMirror.Audio.G711;

/// <summary>A-law companding to and from 16-bit linear samples (ITU-T G.711 §3, tables 1a and 1b; RTP payload type 8, PCMA).</summary>
public static class ALaw
{
    /// <summary>The code of silence.</summary>
    public const byte Silence = 0xD5;

    // Even bits travel inverted, so that an idle line still has edges to clock on (G.711 §3.2).
    private const int EvenBits = 0x55;
    private const int PositiveBit = 0x80;

    private static readonly short[] Values = ExpansionTable.Build(Expand);

    /// <summary>The middle of the code's interval, a 13-bit value left-justified in 16 bits.</summary>
    public static short Decode(byte code) => Values[code];

    /// <summary>Decodes one sample a byte.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <paramref name="source"/>.</exception>
    public static void Decode(ReadOnlySpan<byte> source, Span<short> destination) => ExpansionTable.Decode(Values, source, destination);

    /// <summary>The code whose interval holds the sample; only its upper 13 bits count.</summary>
    public static byte Encode(short sample)
    {
        int value = sample >> 3;
        int inversion = value >= 0 ? PositiveBit | EvenBits : EvenBits;
        int magnitude = value >= 0 ? value : ~value;
        int segment = Math.Max(0, BitOperations.Log2((uint)magnitude) - 4);
        // Segments 0 and 1 share one step size: together they are the straight line through zero.
        int step = (magnitude >> Math.Max(segment, 1)) & 0x0F;
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
        int bits = code ^ EvenBits;
        int segment = (bits >> 4) & 7;
        int middle = ((bits & 0x0F) << 4) + 8;
        int magnitude = segment == 0 ? middle : (middle + 0x100) << (segment - 1);
        return (short)((bits & PositiveBit) != 0 ? magnitude : -magnitude);
    }
}
