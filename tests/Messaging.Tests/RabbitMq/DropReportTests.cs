using CallMirror.Messaging.RabbitMq;
using CallMirror.TestKit;

namespace CallMirror.Messaging.Tests.RabbitMq;

public sealed class DropReportTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void The_first_is_told_at_once_and_the_rest_once_a_minute_together()
    {
        var report = new DropReport(_clock);
        Assert.False(report.TryTake(out _));
        report.Add(100);
        Assert.True(report.TryTake(out var dropped));
        Assert.Equal((1, 100), dropped);

        report.Add(10);
        report.Add(20);
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(report.TryTake(out _));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(report.TryTake(out dropped));
        Assert.Equal((2, 30), dropped);
        Assert.False(report.TryTake(out _));
    }

    [Fact]
    public void What_is_left_at_the_end_is_told_however_soon()
    {
        var report = new DropReport(_clock);
        report.Add(1);
        Assert.True(report.TryTake(out _));
        report.Add(2);
        Assert.Equal((1, 2), report.TakeAll());
        Assert.Equal((0, 0), report.TakeAll());
    }
}
