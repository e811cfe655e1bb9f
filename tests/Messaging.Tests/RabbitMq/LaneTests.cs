using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Broker;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace CallMirror.Messaging.Tests.RabbitMq;

[Collection(SharedBroker.Name)]
public sealed class LaneTests(BrokerFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chunk_waits_in_its_lane_and_no_other_calls_chunk_comes_there()
    {
        await using var process = await fixture.StartAsync();
        await process.Bus.OpenLaneAsync("test", Key("waits"), Cancel);
        await process.PublishChunkAsync(1, "another");
        await process.PublishChunkAsync(2, "waits");
        await process.Bus.OpenLaneAsync("test", Key("waits"), Cancel);
        await using var lane = await process.Bus.ConsumeLaneAsync("test", Key("waits"), Cancel);
        Assert.Equal(2, await BusProcess.TakeAsync(lane));
    }

    [Fact]
    public async Task Each_group_gets_every_chunk()
    {
        await using var process = await fixture.StartAsync();
        await using var one = await process.OpenLaneAsync("groups", "one");
        await using var two = await process.OpenLaneAsync("groups", "two");
        await process.PublishChunkAsync(7, "groups");
        Assert.Equal((7, 7), (await BusProcess.TakeAsync(one), await BusProcess.TakeAsync(two)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_gateway_takes_a_lane_over_in_order_where_the_first_stopped(bool processStops)
    {
        await using var first = await fixture.StartAsync("LanePrefetch=8");
        await using var second = await BusProcess.StartAsync(fixture.Broker.Uri);
        string call = $"failover {processStops}";
        var owner = await first.OpenLaneAsync(call);
        await using var standby = await second.Bus.ConsumeLaneAsync("test", Key(call), Cancel);
        for (int i = 0; i < 50; i++)
            await second.PublishChunkAsync(i, call);
        Assert.Equal([0, 1, 2], await BusProcess.TakeAsync(owner, 3));
        Assert.Equal(3, BusProcess.Content(await BusProcess.ReadAsync(owner)));
        var waiting = standby.ReadAsync(Cancel);
        Assert.False(waiting.IsCompleted);

        await (processStops ? first.DisposeAsync() : owner.DisposeAsync());
        var next = await waiting.AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.NotNull(next);
        Assert.Equal((3, true), (BusProcess.Content(next), next.Redelivered));
        Assert.Equal(Enumerable.Range(4, 46), await BusProcess.TakeAsync(standby, 46));
        await second.Bus.DeleteLaneAsync("test", Key(call), Cancel);
    }

    [Fact]
    public async Task Reading_a_deleted_lane_ends_for_owner_and_standby()
    {
        await using var process = await fixture.StartAsync();
        await using var owner = await process.OpenLaneAsync("deleted");
        await using var standby = await process.Bus.ConsumeLaneAsync("test", Key("deleted"), Cancel);
        await process.Bus.DeleteLaneAsync("test", Key("deleted"), Cancel);
        await process.Bus.DeleteLaneAsync("test", Key("deleted"), Cancel);
        Assert.Null(await owner.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel));
        Assert.Null(await standby.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel));
    }

    [Fact]
    public async Task A_lane_that_is_not_open_can_not_be_consumed()
    {
        await using var process = await fixture.StartAsync();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await process.Bus.ConsumeLaneAsync("test", Key("never opened"), Cancel));
        Assert.Contains("is not open", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_lane_drops_its_oldest_and_no_other_lane_notices()
    {
        await using var process = await fixture.StartAsync("LaneMaxBytes=10240");
        await using var other = await process.OpenLaneAsync("flowing");
        await process.Bus.OpenLaneAsync("test", Key("full"), Cancel);
        for (int i = 0; i < 20; i++)
        {
            await process.Bus.PublishChunkAsync(Key("full"), BusProcess.Make(i, 1024), Cancel);
            await process.PublishChunkAsync(i, "flowing");
        }

        Assert.Equal(Enumerable.Range(0, 20), await BusProcess.TakeAsync(other, 20));
        await using var full = await process.Bus.ConsumeLaneAsync("test", Key("full"), Cancel);
        Assert.Equal(Enumerable.Range(10, 10), await BusProcess.TakeAsync(full, 10));
    }

    [Fact]
    public async Task A_slow_reader_of_one_lane_holds_no_other_up()
    {
        await using var process = await fixture.StartAsync("LanePrefetch=4");
        await using var slow = await process.OpenLaneAsync("slow");
        await using var quick = await process.OpenLaneAsync("quick");
        for (int i = 0; i < 100; i++)
        {
            await process.PublishChunkAsync(i, "slow");
            await process.PublishChunkAsync(i, "quick");
        }

        Assert.Equal(Enumerable.Range(0, 100), await BusProcess.TakeAsync(quick, 100));
        Assert.Equal(Enumerable.Range(0, 100), await BusProcess.TakeAsync(slow, 100));
    }

    [Fact]
    public async Task A_lane_that_nobody_reads_goes_away_after_a_while()
    {
        await using var process = await fixture.StartAsync("LaneOrphanedAfter=00:00:00.3");
        await process.Bus.OpenLaneAsync("test", Key("orphan"), Cancel);
        await using var connection = await fixture.ConnectAsync();
        await Eventually.IsTrueAsync(async () => !await ExistsAsync(connection, LaneName.For("test", Key("orphan"))));
    }

    [Fact]
    public async Task Hundreds_of_lanes_are_read_side_by_side()
    {
        const int Lanes = 300;
        await using var process = await fixture.StartAsync();
        var lanes = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(call => process.OpenLaneAsync($"many-{call}")));
        await Task.WhenAll(Enumerable.Range(0, Lanes).SelectMany(call => Enumerable.Range(0, 5).Select(i => process.PublishChunkAsync(i, $"many-{call}").AsTask())));
        Assert.All(await Task.WhenAll(lanes.Select(lane => BusProcess.TakeAsync(lane, 5))), chunks => Assert.Equal([0, 1, 2, 3, 4], chunks));
        await Task.WhenAll(Enumerable.Range(0, Lanes).Select(call => process.Bus.DeleteLaneAsync("test", Key($"many-{call}"), Cancel).AsTask()));
        Assert.All(await Task.WhenAll(lanes.Select(lane => lane.ReadAsync(Cancel).AsTask())), Assert.Null);
        foreach (var lane in lanes)
            await lane.DisposeAsync();
    }

    [Fact]
    public async Task A_lane_that_can_not_be_opened_says_why_and_the_others_go_on()
    {
        await using var process = await fixture.StartAsync();
        await using var before = await process.OpenLaneAsync("before");
        await using var connection = await fixture.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(null, Cancel);
        await channel.QueueDeclareAsync(LaneName.For("test", Key("spoilt")), durable: false, exclusive: false, autoDelete: false, cancellationToken: Cancel);

        var error = await Assert.ThrowsAsync<BrokerException>(async () => await process.Bus.OpenLaneAsync("test", Key("spoilt"), Cancel));
        Assert.StartsWith("the lane of call spoilt in group test could not be opened: RabbitMQ says PRECONDITION_FAILED", error.Message, StringComparison.Ordinal);
        Assert.Single(process.Log.Lines, $"Error: {error.Message}");
        await using var after = await process.OpenLaneAsync("after");
        await process.PublishChunkAsync(1, "before");
        await process.PublishChunkAsync(2, "after");
        Assert.Equal((1, 2), (await BusProcess.TakeAsync(before), await BusProcess.TakeAsync(after)));
    }

    // Not by declaring it passively: that counts as using it, and it would never go away.
    private static async Task<bool> ExistsAsync(IConnection connection, string queue)
    {
        await using var channel = await connection.CreateChannelAsync(null, Cancel);
        try
        {
            await channel.QueueBindAsync(queue, Exchanges.Pcm, "nothing", cancellationToken: Cancel);
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
        {
            return false;
        }
    }
}
