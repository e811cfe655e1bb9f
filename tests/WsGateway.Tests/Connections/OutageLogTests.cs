using CallMirror.TestKit;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway.Tests.Connections;

public sealed class OutageLogTests
{
    [Fact]
    public void A_listener_that_is_away_is_said_once_a_minute_with_how_often()
    {
        var time = new ManualTimeProvider();
        using var lines = new LineLog();
        var log = lines.CreateLogger("CallMirror.Test");
        var outages = new OutageLog(time);
        for (int second = 0; second < 61; second++)
        {
            outages.Lost(log, "a-0", "connection refused");
            outages.Lost(log, "a-1", "connection refused");
            time.Advance(TimeSpan.FromSeconds(1.001));
        }

        Assert.Equal(
            [
                "Warning: Stream a-0 has no listener: connection refused",
                "Warning: Stream a-0 has no listener: connection refused; so it was 119 more times, of all streams, since that was said last",
            ],
            lines.Lines);
    }
}
