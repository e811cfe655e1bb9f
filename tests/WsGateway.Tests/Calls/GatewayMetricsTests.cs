using System.Diagnostics.Metrics;
using CallMirror.TestKit;
using CallMirror.WsGateway.Tests.Assembly;
using CallMirror.WsGateway.Tests.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.WsGateway.Tests.Calls;

public sealed class GatewayMetricsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_frame_of_captured_audio_has_its_latency_and_silence_has_none()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        using var counted = Counts(gateway);
        var later = TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(5) - Chunks.StartedAt;
        await gateway.FollowAsync(later: later);

        // 100 ms of audio, 100 ms of silence, 100 ms of audio.
        await gateway.PublishAsync(
        [
            Chunks.Write(0, Chunks.CapturedAt(0), [Section.Audio(0, 0, 1600)], later: later),
            Chunks.Write(1, Chunks.CapturedAt(1), [new(0, 3200)], later: later),
            Chunks.Write(2, Chunks.CapturedAt(2), [Section.Audio(0, 3200, 4800) with { Marks = [Chunks.End(4800)] }, new(1, -1) { Marks = [Chunks.End(0)] }], later: later),
        ], later: later);
        await gateway.IdleAsync();

        Assert.Equal(15, counted["callmirror.gateway.frames"]);
        var latencies = counted.Recorded("callmirror.gateway.latency");
        Assert.Equal(10, latencies.Count);
        Assert.All(latencies, seconds => Assert.InRange(seconds, 5 - 0.3, 60));
    }

    [Fact]
    public async Task A_file_that_is_played_has_no_latency()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        using var counted = Counts(gateway);
        await gateway.PushAsync(windows: 3);
        Assert.Equal(30, counted["callmirror.gateway.frames"]);
        Assert.Empty(counted.Recorded("callmirror.gateway.latency"));
    }

    [Fact]
    public async Task Frames_that_are_sent_again_count_once()
    {
        await using var listener = await TestListener.StartAsync(Cancel, acknowledges: true, drops: (number, heard) => number == 0 && heard.Frames.Count == 7);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        using var counted = Counts(gateway);
        var later = TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(5) - Chunks.StartedAt;
        await gateway.FollowAsync(later: later);
        await gateway.PublishAsync(Chunks.Call(4, later: later), later: later);
        await gateway.IdleAsync();
        Assert.Equal(40, counted.Recorded("callmirror.gateway.latency").Count);
    }

    [Fact]
    public async Task Lanes_streams_and_connections_are_counted_while_they_are_there()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        using var counted = Counts(gateway);
        await gateway.FollowAsync();
        Assert.Equal((0, 1, 0), Lanes(counted));
        var call = Chunks.Call(3);

        await gateway.PublishAsync(call[..3]);
        await listener.UntilAsync(() => listener.Connections.Sum(heard => heard.Frames.Count) == 30, Cancel);
        Assert.Equal((1, 0, 2), Lanes(counted));
        Assert.Equal((0, 2, 0), Connections(counted));

        await gateway.PublishAsync(call[3..]);
        await gateway.IdleAsync();
        Assert.Equal((0, 0, 0), Lanes(counted));
        Assert.Equal((0, 0, 0), Connections(counted));
    }

    [Fact]
    public async Task A_stream_without_a_listener_waits_for_its_next_attempt()
    {
        using var port = new ReservedPort();
        await using var gateway = await GatewayUnderTest.StartAsync(new Uri($"ws://127.0.0.1:{port.Number}/audio"), options => options.StopTimeout = TimeSpan.FromMilliseconds(100));
        using var counted = Counts(gateway);
        await gateway.FollowAsync();
        await gateway.PublishAsync(Chunks.Call(1)[..1]);

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (Connections(counted) != (0, 0, 2))
            await timer.WaitForNextTickAsync(limit.Token);
    }

    private static MeterCounts Counts(GatewayUnderTest gateway) => new(gateway.Services.GetRequiredService<IMeterFactory>());

    private static (double Owner, double Standby, double Streams) Lanes(MeterCounts counted)
    {
        var shown = counted.Observe();
        return (shown["callmirror.gateway.lanes owner"], shown["callmirror.gateway.lanes standby"], shown["callmirror.gateway.streams.active"]);
    }

    private static (double Connecting, double Open, double Waiting) Connections(MeterCounts counted)
    {
        var shown = counted.Observe();
        return (shown["callmirror.gateway.connections connecting"], shown["callmirror.gateway.connections open"], shown["callmirror.gateway.connections waiting"]);
    }
}
