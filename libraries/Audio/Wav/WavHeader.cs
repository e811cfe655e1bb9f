using System.Buffers.Binary;

namespace CallMirror.Audio.Wav;

/// <summary>Writes the 44-byte header that makes a WAV file of raw 16-bit linear samples (RIFF, WAVE_FORMAT_PCM).</summary>
public static class WavHeader
{
    /// <summary>Bytes of the header; samples begin right after it.</summary>
    public const int Size = 44;

    /// <summary>The most bytes of samples a header can state: its sizes have 32 bits, and both channels' samples stay together.</summary>
    public const long MaxDataBytes = (uint.MaxValue - RiffOverhead) & ~3L;

    // What the RIFF size counts beside the samples: all of the header but the RIFF chunk's own eight bytes.
    private const int RiffOverhead = Size - 8;
    private const int BytesPerSample = 2;
    private const int FmtSize = 16;

    /// <summary>Writes the header; false when the samples are more than it can state, and it then states <see cref="MaxDataBytes"/>.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    /// <param name="sampleRate">In hertz, 1 or more.</param>
    /// <param name="channels">1 or 2.</param>
    /// <param name="dataBytes">Bytes of samples that follow the header.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short, or a number is out of range.</exception>
    public static bool Write(Span<byte> destination, int sampleRate, int channels, long dataBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(dataBytes);
        Lengths.Require(destination.Length, Size);

        uint stated = (uint)Math.Min(dataBytes, MaxDataBytes);
        int frameBytes = channels * BytesPerSample;
        "RIFF"u8.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], stated + RiffOverhead);
        "WAVEfmt "u8.CopyTo(destination[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(destination[16..], FmtSize);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[20..], FmtChunk.Pcm);
        BinaryPrimitives.WriteInt16LittleEndian(destination[22..], (short)channels);
        BinaryPrimitives.WriteInt32LittleEndian(destination[24..], sampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[28..], (uint)sampleRate * (uint)frameBytes);
        BinaryPrimitives.WriteInt16LittleEndian(destination[32..], (short)frameBytes);
        BinaryPrimitives.WriteInt16LittleEndian(destination[34..], BytesPerSample * 8);
        "data"u8.CopyTo(destination[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[40..], stated);
        return dataBytes <= MaxDataBytes;
    }
}
