namespace CallMirror.Contracts;

/// <summary>Capture time as nanoseconds since the Unix epoch, as media messages carry it, and as events carry it.</summary>
public static class CaptureTime
{
    private const long NanosecondsPerTick = 100;

    /// <summary>To the 100 ns that a <see cref="DateTimeOffset"/> can hold.</summary>
    public static DateTimeOffset ToDateTime(long nanoseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / NanosecondsPerTick);

    /// <summary>Nanoseconds since the Unix epoch.</summary>
    public static long ToNanoseconds(DateTimeOffset time) =>
        (time - DateTimeOffset.UnixEpoch).Ticks * NanosecondsPerTick;
}
