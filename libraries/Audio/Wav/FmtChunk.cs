using System.Buffers.Binary;

namespace CallMirror.Audio.Wav;

/// <summary>The fmt chunk of a WAV file (WAVEFORMATEX, WAVEFORMATEXTENSIBLE).</summary>
/// <remarks>
/// <code>
///  0  u16  format           12  u16  bytes a frame
///  2  u16  channels         14  u16  bits a sample
///  4  u32  sample rate      24  GUID sub-format, when extensible:
///  8  u32  bytes a second            the format in its first two bytes
/// </code>
/// </remarks>
internal static class FmtChunk
{
    internal const ushort Pcm = 1;

    private const ushort FormatALaw = 6;
    private const ushort FormatMuLaw = 7;
    private const ushort Extensible = 0xFFFE;
    private const int PlainSize = 16;
    private const int ExtensibleSize = 40;
    private const int SubFormatOffset = 24;

    // KSDATAFORMAT_SUBTYPE_…: every format number with the same 14 bytes after it.
    private static ReadOnlySpan<byte> SubFormatTail =>
        [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];

    /// <summary>Reads the chunk's body into everything of a <see cref="WavFile"/> but the place of its data.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> body, out WavFile format, out WavError error)
    {
        format = default;
        error = TryReadEncoding(body, out var encoding);
        if (error != WavError.None)
            return false;

        int channels = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        uint sampleRate = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        int frameBytes = BinaryPrimitives.ReadUInt16LittleEndian(body[12..]);
        if (BinaryPrimitives.ReadUInt16LittleEndian(body[14..]) != (encoding == WavEncoding.Pcm16 ? 16 : 8))
            error = WavError.UnsupportedSampleSize;
        else if (channels == 0 || sampleRate is 0 or > int.MaxValue)
            error = WavError.ContradictoryFormat;
        else
            format = new WavFile(encoding, (int)sampleRate, channels, 0, 0);

        if (error == WavError.None && format.FrameBytes != frameBytes)
            error = WavError.ContradictoryFormat;
        return error == WavError.None;
    }

    private static WavError TryReadEncoding(ReadOnlySpan<byte> body, out WavEncoding encoding)
    {
        encoding = default;
        if (body.Length < PlainSize)
            return WavError.FormatTooShort;
        ushort format = BinaryPrimitives.ReadUInt16LittleEndian(body);
        if (format == Extensible)
        {
            if (body.Length < ExtensibleSize)
                return WavError.FormatTooShort;
            if (!body[(SubFormatOffset + 2)..ExtensibleSize].SequenceEqual(SubFormatTail))
                return WavError.UnsupportedEncoding;
            format = BinaryPrimitives.ReadUInt16LittleEndian(body[SubFormatOffset..]);
        }

        encoding = format switch
        {
            FormatALaw => WavEncoding.ALaw,
            FormatMuLaw => WavEncoding.MuLaw,
            _ => WavEncoding.Pcm16,
        };
        return format is Pcm or FormatALaw or FormatMuLaw ? WavError.None : WavError.UnsupportedEncoding;
    }
}
