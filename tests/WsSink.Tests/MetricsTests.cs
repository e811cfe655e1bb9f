using CallMirror.TestKit;

namespace CallMirror.WsSink.Tests;

public sealed class MetricsTests
{
    [Fact]
    public async Task What_is_stored_passed_over_filled_and_refused_is_counted()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var counted = new MeterCounts(sink.Server.MeterScope);

        using var client = await sink.StartStreamAsync("a-0");
        await client.SendAudioAsync(0, 640);
        Assert.Equal(1, counted["callmirror.sink.streams"]);
        // What has not been read by then is lost with the connection.
        await SinkFixture.UntilAsync(() => Task.FromResult(counted["callmirror.sink.received"] == 640 * 2));
        client.Break();
        await sink.LostAsync("a");
        using var next = await sink.StartStreamAsync("a-0.320", 320, resumes: "a-0");
        await next.SendAudioAsync(320, 320);
        await next.SendTextAsync("""{"type":"later"}""");
        await next.FinishAsync(640, "a reason that nobody knows");
        using var refused = await sink.ConnectAsync();
        await refused.SendBinaryAsync([1, 2]);
        await refused.ClosedAsync();
        await SinkFixture.UntilAsync(() => Task.FromResult(counted["callmirror.sink.connections"] == 0));

        Assert.Equal(0, counted["callmirror.sink.streams"]);
        Assert.Equal((640 + 320) * 2, counted["callmirror.sink.received"]);
        // Two to a start, one to the end.
        Assert.Equal(3, counted["callmirror.sink.acks"]);
        Assert.Single(counted.Recorded("callmirror.sink.finish.duration"));
        Assert.Equal(640, counted["callmirror.sink.samples.stored"]);
        Assert.Equal(320, counted["callmirror.sink.samples.repeated"]);
        Assert.Equal(2, counted["callmirror.sink.streams.started"]);
        Assert.Equal(1, counted["callmirror.sink.streams.ended other"]);
        Assert.Equal(1, counted["callmirror.sink.frames.unknown"]);
        Assert.Equal(1, counted["callmirror.sink.refusals binary-before-start"]);
    }
}
