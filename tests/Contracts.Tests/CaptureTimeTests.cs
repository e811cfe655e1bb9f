namespace CallMirror.Contracts.Tests;

public sealed class CaptureTimeTests
{
    [Fact]
    public void Nanoseconds_are_kept_to_the_tick()
    {
        const long Nanoseconds = 1_772_360_430_123_456_789;
        var time = CaptureTime.ToDateTime(Nanoseconds);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 10, 20, 30, TimeSpan.Zero).AddTicks(1_234_567), time);
        Assert.Equal(1_772_360_430_123_456_700, CaptureTime.ToNanoseconds(time));
    }
}
