using System.Buffers.Binary;

namespace CallMirror.Audio.Wav;

/// <summary>Reads WAV files of 16-bit PCM, A-law or µ-law, plain or WAVE_FORMAT_EXTENSIBLE; chunks that don't matter are skipped.</summary>
public static class WavReader
{
    private const int RiffHeaderSize = 12;
    private const int ChunkHeaderSize = 8;

    /// <summary>Finds format and samples; <paramref name="file"/> may be the beginning of a file, as far as where its samples begin.</summary>
    public static bool TryParse(ReadOnlySpan<byte> file, out WavFile value, out WavError error)
    {
        value = default;
        error = CheckRiff(file);
        if (error != WavError.None)
            return false;

        // Not cut off at the stated end: recorders that were killed have never written it.
        long statedEnd = ChunkHeaderSize + (long)BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        WavFile? format = null;
        long position = RiffHeaderSize;
        while (position + ChunkHeaderSize <= file.Length)
        {
            var chunk = file[(int)position..];
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            position += ChunkHeaderSize;
            if (chunk.StartsWith("data"u8))
                return TryFinish(format, (int)position, size, out value, out error);
            if (chunk.StartsWith("fmt "u8) && !TryReadFormat(chunk[ChunkHeaderSize..], size, out format, out error))
                return false;
            position += size + (size & 1);
        }

        error = position < statedEnd || position > file.Length ? WavError.Truncated : WavError.DataMissing;
        return false;
    }

    private static WavError CheckRiff(ReadOnlySpan<byte> file)
    {
        if (!"RIFF"u8.StartsWith(file[..Math.Min(4, file.Length)]))
            return WavError.NotRiff;
        if (file.Length < RiffHeaderSize)
            return WavError.Truncated;
        return file[8..].StartsWith("WAVE"u8) ? WavError.None : WavError.NotWave;
    }

    private static bool TryReadFormat(ReadOnlySpan<byte> rest, uint size, out WavFile? format, out WavError error)
    {
        format = null;
        if (size > (uint)rest.Length)
        {
            error = WavError.Truncated;
            return false;
        }

        bool understood = FmtChunk.TryParse(rest[..(int)size], out var parsed, out error);
        format = parsed;
        return understood;
    }

    private static bool TryFinish(WavFile? format, int dataOffset, uint size, out WavFile value, out WavError error)
    {
        value = format is { } known ? known with { DataOffset = dataOffset, StatedDataBytes = size } : default;
        error = format is null ? WavError.FormatMissing : WavError.None;
        return format is not null;
    }
}
