using CallMirror.Contracts.Naming;
using CallMirror.TestKit.Broker;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace CallMirror.Messaging.Tests.RabbitMq;

/// <summary>Listening in beside a lane; the same as within a process in <see cref="InProcess.TapTests"/>.</summary>
[Collection(SharedBroker.Name)]
public sealed class TapTests(BrokerFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tap_hears_its_call_from_now_on_and_the_lane_has_everything()
    {
        await using var process = await fixture.StartAsync();
        await using var lane = await process.OpenLaneAsync("tapped");
        await process.PublishChunkAsync(1, "tapped");
        await using var tap = await process.Bus.TapAsync(Key("tapped"), Cancel);
        await process.PublishChunkAsync(9, "another");
        await process.PublishChunkAsync(2, "tapped");

        Assert.Equal(2, await BusProcess.TakeAsync(tap));
        Assert.Equal([1, 2], await BusProcess.TakeAsync(lane, 2));
    }

    [Fact]
    public async Task Each_tap_hears_every_chunk_also_without_a_lane()
    {
        await using var process = await fixture.StartAsync();
        await using var other = await BusProcess.StartAsync(fixture.Broker.Uri);
        await using var one = await process.Bus.TapAsync(Key("two taps"), Cancel);
        await using var two = await other.Bus.TapAsync(Key("two taps"), Cancel);
        await process.PublishChunkAsync(7, "two taps");
        Assert.Equal((7, 7), (await BusProcess.TakeAsync(one), await BusProcess.TakeAsync(two)));
    }

    [Fact]
    public async Task A_tap_that_nobody_reads_drops_its_oldest_and_neither_lane_nor_publisher_waits()
    {
        await using var process = await fixture.StartAsync("LaneMaxBytes=10240", "LanePrefetch=1");
        await using var tap = await process.Bus.TapAsync(Key("unread"), Cancel);
        await using var lane = await process.OpenLaneAsync("unread");
        for (int i = 0; i < 40; i++)
        {
            await process.Bus.PublishChunkAsync(Key("unread"), BusProcess.Make(i, 1024), Cancel);
            Assert.Equal(i, await BusProcess.TakeAsync(lane));
        }

        // One was fetched, ten are in the queue.
        Assert.Equal([0, .. Enumerable.Range(30, 10)], await BusProcess.TakeAsync(tap, 11));
    }

    [Fact]
    public async Task A_rejected_chunk_is_counted_and_left_to_the_lane()
    {
        await using var process = await fixture.StartAsync();
        await using var tap = await process.Bus.TapAsync(Key("rejected"), Cancel);
        await process.PublishChunkAsync(1, "rejected");
        await process.PublishChunkAsync(2, "rejected");

        await tap.RejectAsync(await BusProcess.ReadAsync(tap), "no-chunk", Cancel);

        Assert.Equal(2, await BusProcess.TakeAsync(tap));
        Assert.Equal(1, process.Counts.All.Single(count => count.Key.EndsWith("tap no-chunk", StringComparison.Ordinal)).Value);
        await using var connection = await fixture.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(null, Cancel);
        Assert.Equal(0u, (await channel.QueueDeclarePassiveAsync("callmirror.dead", Cancel)).MessageCount);
    }

    [Fact]
    public async Task A_closed_tap_leaves_no_queue_behind()
    {
        await using var process = await fixture.StartAsync();
        var tap = await process.Bus.TapAsync(Key("closed"), Cancel);
        Assert.True(await IsHeardAsync("closed"));

        await tap.DisposeAsync();

        await Eventually.IsTrueAsync(async () => !await IsHeardAsync("closed"));
    }

    [Fact]
    public async Task A_tap_goes_on_after_the_broker_was_gone()
    {
        await using var broker = await RabbitMqBroker.StartAsync(Cancel);
        await using var process = await BusProcess.StartAsync(broker.Uri);
        await using var tap = await process.Bus.TapAsync(Key("restart"), Cancel);
        await process.PublishChunkAsync(1, "restart");
        Assert.Equal(1, await BusProcess.TakeAsync(tap));

        await broker.RestartAsync(Cancel);

        // Published until one is heard: what came while there was no tap is not its.
        var reading = BusProcess.TakeAsync(tap, TimeSpan.FromSeconds(40));
        for (int i = 2; !reading.IsCompleted; i++)
        {
            await process.PublishChunkAsync(i, "restart");
            await Task.WhenAny(reading, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel));
        }

        Assert.InRange(await reading, 2, int.MaxValue);
    }

    // A message that nobody's queue takes comes back.
    private async Task<bool> IsHeardAsync(string callId)
    {
        await using var connection = await fixture.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancel);
        try
        {
            await channel.BasicPublishAsync(Exchanges.Pcm, RoutingKey.For(callId), mandatory: true, ReadOnlyMemory<byte>.Empty, Cancel);
            return true;
        }
        catch (PublishException e) when (e.IsReturn)
        {
            return false;
        }
    }
}
