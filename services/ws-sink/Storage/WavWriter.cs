using System.Buffers;
using System.Runtime.InteropServices;
using CallMirror.Audio.Wav;
using Microsoft.Win32.SafeHandles;

namespace CallMirror.WsSink.Storage;

/// <summary>Makes WAV files of stored PCM, in big blocks, whatever the length. False where a WAV can't hold it (4 GiB): then there is none.</summary>
internal static class WavWriter
{
    private const int BlockBytes = 1 << 18;
    private const int BytesPerSample = 2;

    public static bool TryMono(PcmPart source, string wav, int sampleRate)
    {
        var bytes = source.Samples * BytesPerSample;
        if (bytes > WavHeader.MaxDataBytes)
            return false;
        Write(wav, sampleRate, channels: 1, bytes, file => CopyMono(source, file, bytes));
        return true;
    }

    /// <summary>Puts both roles side by side by position, from the first sample of either to the last of either.</summary>
    public static bool TryStereo(PcmPart left, PcmPart right, string wav, int sampleRate)
    {
        var (first, end) = PcmPart.Span(left, right);
        var bytes = (end - first) * 2 * BytesPerSample;
        if (bytes > WavHeader.MaxDataBytes)
            return false;
        Write(wav, sampleRate, channels: 2, bytes, file => InterleaveAll(left, right, first, end, file));
        return true;
    }

    private static void Write(string wav, int sampleRate, int channels, long bytes, Action<FileStream> samples) =>
        SinkFolder.Replace(wav, file =>
        {
            Span<byte> header = stackalloc byte[WavHeader.Size];
            WavHeader.Write(header, sampleRate, channels, bytes);
            file.Write(header);
            samples(file);
        });

    private static void CopyMono(PcmPart source, FileStream file, long bytes)
    {
        using var reader = source.Open();
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        for (long done = 0; done < bytes;)
        {
            var part = block.AsSpan(0, (int)Math.Min(BlockBytes, bytes - done));
            reader.Read(part, source.First + (done / BytesPerSample));
            file.Write(part);
            done += part.Length;
        }
        ArrayPool<byte>.Shared.Return(block);
    }

    private static void InterleaveAll(PcmPart left, PcmPart right, long first, long end, FileStream file)
    {
        using PcmReader leftReader = left.Open(), rightReader = right.Open();
        const int blockSamples = BlockBytes / BytesPerSample;
        var blocks = ArrayPool<short>.Shared.Rent(4 * blockSamples);
        for (var position = first; position < end; position += blockSamples)
        {
            var samples = (int)Math.Min(blockSamples, end - position);
            var leftBlock = blocks.AsSpan(0, samples);
            var rightBlock = blocks.AsSpan(blockSamples, samples);
            var both = blocks.AsSpan(2 * blockSamples, 2 * samples);
            leftReader.Read(MemoryMarshal.AsBytes(leftBlock), position);
            rightReader.Read(MemoryMarshal.AsBytes(rightBlock), position);
            Stereo.Interleave(leftBlock, rightBlock, both);
            file.Write(MemoryMarshal.AsBytes(both));
        }
        ArrayPool<short>.Shared.Return(blocks);
    }
}

/// <summary>Where a stream's stored samples are; <see cref="None"/> is a role that was never heard.</summary>
internal readonly record struct PcmPart(string? Path, long First, long Samples)
{
    public static PcmPart None => default;

    public PcmReader Open() => new(this);

    public static (long First, long End) Span(PcmPart left, PcmPart right) => (left.Path, right.Path) switch
    {
        (_, null) => (left.First, left.First + left.Samples),
        (null, _) => (right.First, right.First + right.Samples),
        _ => (Math.Min(left.First, right.First), Math.Max(left.First + left.Samples, right.First + right.Samples)),
    };
}

/// <summary>Reads samples by position; there is silence before the first and after the last.</summary>
internal sealed class PcmReader(PcmPart part) : IDisposable
{
    private readonly SafeFileHandle? _handle = part.Path is null ? null : File.OpenHandle(part.Path, share: FileShare.ReadWrite);

    public void Read(Span<byte> destination, long position)
    {
        destination.Clear();
        var before = Math.Max(0, part.First - position) * 2;
        if (_handle is null || before >= destination.Length || position >= part.First + part.Samples)
            return;
        var offset = Math.Max(0, position - part.First) * 2;
        var wanted = destination[(int)before..];
        wanted = wanted[..(int)Math.Min(wanted.Length, (part.Samples * 2) - offset)];
        for (int count; wanted.Length > 0 && (count = RandomAccess.Read(_handle, wanted, offset)) > 0; wanted = wanted[count..])
            offset += count;
    }

    public void Dispose() => _handle?.Dispose();
}
