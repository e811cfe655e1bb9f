namespace CallMirror.Audio.Wav;

/// <summary>How a WAV file's samples are coded.</summary>
public enum WavEncoding
{
    /// <summary>16-bit linear, little-endian (format 1).</summary>
    Pcm16,

    /// <summary>G.711 A-law (format 6).</summary>
    ALaw,

    /// <summary>G.711 µ-law (format 7).</summary>
    MuLaw,
}
