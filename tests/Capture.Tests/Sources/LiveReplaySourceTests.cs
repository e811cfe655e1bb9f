using CallMirror.Capture.Sources;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Sources;

public sealed class LiveReplaySourceTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public void Packets_come_at_their_pace_with_the_time_of_now()
    {
        using var source = new LiveReplaySource(new ListSource((1000, [1]), (1020, [2])), _clock);
        Assert.True(source.IsLive);
        Assert.Equal(SourceStatus.Packet, source.TryRead(out var first));
        long firstNs = first.TimeNs;
        Assert.InRange((_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds - (firstNs / 1e6), 0, 1);
        Assert.Equal(SourceStatus.Idle, source.TryRead(out _));

        _clock.Advance(TimeSpan.FromMilliseconds(20.1));

        Assert.Equal(SourceStatus.Packet, source.TryRead(out var second));
        Assert.Equal(20_000_000, second.TimeNs - firstNs);
    }

    [Fact]
    public void After_the_last_packet_the_line_is_quiet()
    {
        using var source = new LiveReplaySource(new ListSource((1000, [1])), _clock);
        Assert.Equal(SourceStatus.Packet, source.TryRead(out _));

        Assert.Equal(SourceStatus.Idle, source.TryRead(out _));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(SourceStatus.Idle, source.TryRead(out _));
    }
}
