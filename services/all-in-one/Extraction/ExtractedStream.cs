using System.Buffers;
using System.Runtime.InteropServices;
using CallMirror.Audio.G711;
using CallMirror.Audio.Wav;
using CallMirror.Contracts.Media;

namespace CallMirror.AllInOne.Extraction;

/// <summary>
/// The files of one stream: its payload as captured, without gaps (<c>.alaw</c>, <c>.ulaw</c>), and a WAV at 8 kHz in which the gaps are silence.
/// </summary>
internal sealed class ExtractedStream(string folder, string tag) : IDisposable
{
    private const int WavRate = 8000;

    // A second of audio is written at a time: a buffer would be one more copy, and as much memory for each of a thousand streams.
    private const int Unbuffered = 0;
    private static readonly byte[] Zeros = new byte[1 << 14];

    private readonly FileStream _wav = Create(Path.Combine(folder, tag + ".wav"));
    private FileStream? _alaw;
    private FileStream? _ulaw;
    private long _wavEnd = -1;

    /// <summary>The stream's name.</summary>
    public string Tag { get; } = tag;

    /// <summary>Samples with audio.</summary>
    public long Samples { get; private set; }

    /// <summary>Samples of silence between them.</summary>
    public long Silence { get; private set; }

    /// <summary>Appends a run; those of a stream come in order of position.</summary>
    public void Append(in RunHeader run, ReadOnlySpan<byte> payload)
    {
        Samples += payload.Length;
        PayloadFile(run.Codec).Write(payload);
        if (_wavEnd < 0)
            _wav.Write(new byte[WavHeader.Size]);
        else
            WriteSilence(run.Position - _wavEnd);
        WriteDecoded(run.Codec, payload);
        _wavEnd = run.Position + payload.Length;
    }

    /// <summary>Completes the WAV's header.</summary>
    public void Dispose()
    {
        Span<byte> header = stackalloc byte[WavHeader.Size];
        _ = WavHeader.Write(header, WavRate, channels: 1, Math.Max(0, _wav.Length - WavHeader.Size));
        _wav.Position = 0;
        _wav.Write(header);
        _wav.Dispose();
        _alaw?.Dispose();
        _ulaw?.Dispose();
    }

    private FileStream PayloadFile(MediaCodec codec) => codec == MediaCodec.Pcma
        ? _alaw ??= Create(Path.Combine(folder, Tag + ".alaw"))
        : _ulaw ??= Create(Path.Combine(folder, Tag + ".ulaw"));

    private void WriteDecoded(MediaCodec codec, ReadOnlySpan<byte> payload)
    {
        short[] decoded = ArrayPool<short>.Shared.Rent(payload.Length);
        var samples = decoded.AsSpan(0, payload.Length);
        if (codec == MediaCodec.Pcma)
            ALaw.Decode(payload, samples);
        else
            MuLaw.Decode(payload, samples);
        _wav.Write(MemoryMarshal.AsBytes(samples));
        ArrayPool<short>.Shared.Return(decoded);
    }

    private void WriteSilence(long samples)
    {
        Silence += samples;
        for (long left = samples * sizeof(short); left > 0; left -= Zeros.Length)
            _wav.Write(Zeros.AsSpan(0, (int)Math.Min(left, Zeros.Length)));
    }

    private static FileStream Create(string path) => new(path, FileMode.Create, FileAccess.Write, FileShare.Read, Unbuffered);
}
