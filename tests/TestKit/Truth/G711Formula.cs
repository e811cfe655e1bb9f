namespace CallMirror.TestKit.Truth;

/// <summary>G.711 by its definition, bit by bit and without tables: the witness against which the product's decoder is held.</summary>
public static class G711Formula
{
    /// <summary>A payload of RTP payload type 0 (PCMU) or 8 (PCMA).</summary>
    public static short[] Decode(int payloadType, ReadOnlySpan<byte> payload)
    {
        var samples = new short[payload.Length];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = payloadType == 8 ? ALaw(payload[i]) : MuLaw(payload[i]);
        return samples;
    }

    /// <summary>ITU-T G.711 table 1: even bits inverted, then sign, three bits of segment, four of interval; the middle of the interval, times 8.</summary>
    public static short ALaw(byte code)
    {
        int value = code ^ 0x55;
        int segment = (value >> 4) & 7;
        int interval = value & 15;
        int magnitude = segment == 0 ? (2 * interval) + 1 : ((2 * interval) + 33) << (segment - 1);
        return (short)((value & 0x80) != 0 ? magnitude * 8 : -magnitude * 8);
    }

    /// <summary>ITU-T G.711 table 2: all bits inverted; ((2·interval + 33) · 2^segment − 33), times 4.</summary>
    public static short MuLaw(byte code)
    {
        int value = ~code & 0xFF;
        int segment = (value >> 4) & 7;
        int interval = value & 15;
        int magnitude = (((2 * interval) + 33) << segment) - 33;
        return (short)((value & 0x80) != 0 ? -magnitude * 4 : magnitude * 4);
    }
}
