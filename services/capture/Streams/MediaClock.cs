namespace CallMirror.Capture.Streams;

/// <summary>Turns capture time into positions: samples at 8 kHz since the call's epoch.</summary>
internal readonly record struct MediaClock(long EpochNs)
{
    /// <summary>Positions a second: G.711's clock.</summary>
    public const int Rate = 8000;

    /// <summary>How long a sample lasts.</summary>
    public const long NanosecondsPerSample = 1_000_000_000 / Rate;

    /// <summary>The position that is heard at a time; never negative.</summary>
    public long PositionAt(long timeNs) => Math.Max(0, (timeNs - EpochNs) / NanosecondsPerSample);

    /// <summary>When a position is heard.</summary>
    public long TimeOf(long position) => EpochNs + position * NanosecondsPerSample;

    /// <summary>Samples in a span.</summary>
    public static long Samples(TimeSpan span) => (long)(span.TotalSeconds * Rate);
}
