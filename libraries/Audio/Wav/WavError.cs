namespace CallMirror.Audio.Wav;

/// <summary>Every way in which a WAV file can fail to be read.</summary>
public enum WavError
{
    /// <summary>None: it was read.</summary>
    None,

    /// <summary>It ends before its samples begin; of a longer file, more is needed.</summary>
    Truncated,

    /// <summary>It does not begin with RIFF (big-endian RIFX and 64-bit RF64 are not read).</summary>
    NotRiff,

    /// <summary>A RIFF file of another kind than WAVE.</summary>
    NotWave,

    /// <summary>Its samples come before, or without, a fmt chunk.</summary>
    FormatMissing,

    /// <summary>Its fmt chunk is shorter than its format asks for.</summary>
    FormatTooShort,

    /// <summary>Its samples are neither PCM nor A-law nor µ-law.</summary>
    UnsupportedEncoding,

    /// <summary>PCM of other than 16 bits, or G.711 of other than 8.</summary>
    UnsupportedSampleSize,

    /// <summary>No channels, a sample rate of zero or beyond 31 bits, or a frame size that is not channels times sample size.</summary>
    ContradictoryFormat,

    /// <summary>All its chunks are there, and none of them is data.</summary>
    DataMissing,
}
