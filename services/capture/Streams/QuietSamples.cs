using CallMirror.Contracts.Media;

namespace CallMirror.Capture.Streams;

/// <summary>Tells silence that is sent as samples, as phones without silence suppression do.</summary>
internal static class QuietSamples
{
    // 56 of 32,768, or -55 dB: the noise of a quiet room, or of none.
    private const int QuietestAlaw = 3;
    private const int QuietestUlaw = 7;
    private const byte AlawZero = 0x55;
    private const byte UlawZero = 0x7F;
    private const byte Magnitude = 0x7F;

    /// <summary>No sample is louder than the noise of a quiet room.</summary>
    public static bool Are(ReadOnlySpan<byte> payload, MediaCodec codec)
    {
        var (zero, quietest) = codec == MediaCodec.Pcma ? (AlawZero, QuietestAlaw) : (UlawZero, QuietestUlaw);
        foreach (byte sample in payload)
            if (((sample ^ zero) & Magnitude) > quietest)
                return false;
        return true;
    }
}
