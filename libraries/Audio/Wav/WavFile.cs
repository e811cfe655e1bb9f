namespace CallMirror.Audio.Wav;

/// <summary>What a WAV file holds, and where.</summary>
/// <param name="Encoding">How its samples are coded.</param>
/// <param name="SampleRate">In hertz.</param>
/// <param name="Channels">Samples a frame, 1 or more.</param>
/// <param name="DataOffset">Where its samples begin, in bytes from the start of the file.</param>
/// <param name="StatedDataBytes">How long its header says they are; a recorder that could not go back to finish it leaves 0 or the largest number there.</param>
public readonly record struct WavFile(WavEncoding Encoding, int SampleRate, int Channels, int DataOffset, uint StatedDataBytes)
{
    /// <summary>Bytes of one sample of every channel.</summary>
    public int FrameBytes => Channels * (Encoding == WavEncoding.Pcm16 ? 2 : 1);

    /// <summary>The samples in what is there of the file: whole frames, at most as many as the header states.</summary>
    public ReadOnlySpan<byte> Data(ReadOnlySpan<byte> file)
    {
        var rest = file[Math.Min(DataOffset, file.Length)..];
        int length = (int)Math.Min((uint)rest.Length, StatedDataBytes);
        return FrameBytes == 0 ? [] : rest[..(length - (length % FrameBytes))];
    }
}
