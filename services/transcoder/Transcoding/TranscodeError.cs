namespace CallMirror.Transcoder.Transcoding;

/// <summary>Why a message can't be transcoded.</summary>
internal enum TranscodeError
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Not a media message of a known version (see <see cref="Contracts.Media.MediaMessageError"/>).</summary>
    BadMessage,

    /// <summary>A media message, but no RTP batch.</summary>
    NotAnRtpBatch,

    /// <summary>Positions not counted at 8 kHz.</summary>
    UnsupportedSampleRate,

    /// <summary>Longer than any batch window makes it.</summary>
    TooLarge,

    /// <summary>A run that is neither A-law nor µ-law.</summary>
    UnknownCodec,

    /// <summary>A position before the call, or years after its begin.</summary>
    PositionOutOfRange,

    /// <summary>A run that begins before the one ahead of it ends.</summary>
    MisorderedRuns,

    /// <summary>A run that goes on past the position that all has been sent up to.</summary>
    RunBeyondThrough,
}

/// <summary>The words for <see cref="TranscodeError"/> in metrics, logs and rejections.</summary>
internal static class TranscodeErrors
{
    public static string Word(TranscodeError error) => error switch
    {
        TranscodeError.BadMessage => "bad-message",
        TranscodeError.NotAnRtpBatch => "not-an-rtp-batch",
        TranscodeError.UnsupportedSampleRate => "unsupported-sample-rate",
        TranscodeError.TooLarge => "too-large",
        TranscodeError.UnknownCodec => "unknown-codec",
        TranscodeError.PositionOutOfRange => "position-out-of-range",
        TranscodeError.MisorderedRuns => "misordered-runs",
        TranscodeError.RunBeyondThrough => "run-beyond-through",
        _ => "none",
    };
}
