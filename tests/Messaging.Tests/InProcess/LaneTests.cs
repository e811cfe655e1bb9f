using CallMirror.Contracts.Naming;
using CallMirror.Messaging.InProcess;

namespace CallMirror.Messaging.Tests.InProcess;

public sealed class LaneTests
{
    [Fact]
    public async Task A_chunk_waits_in_its_lane_for_a_consumer_that_comes_later()
    {
        using var fixture = new BusFixture();
        await fixture.Bus.OpenLaneAsync("gateways", Key("call"), TestContext.Current.CancellationToken);
        await fixture.PublishChunkAsync(7);
        await using var consumer = await fixture.Bus.ConsumeLaneAsync("gateways", Key("call"), TestContext.Current.CancellationToken);
        Assert.Equal(7, await BusFixture.TakeAsync(consumer));
        Assert.Equal(1, fixture.GivenBackCount());
    }

    [Fact]
    public async Task A_chunk_of_a_call_without_a_lane_is_dropped_and_counted()
    {
        using var fixture = new BusFixture();
        await using var other = await fixture.OpenAsync("gateways", "another call");
        await fixture.PublishChunkAsync(0);
        Assert.Equal(1, fixture.Drops[$"{Exchanges.Pcm} no-lane"]);
        Assert.Equal(1, fixture.GivenBackCount());
    }

    [Fact]
    public async Task Two_groups_get_the_same_chunk_and_the_last_to_acknowledge_gives_it_back()
    {
        using var fixture = new BusFixture();
        await using var one = await fixture.OpenAsync("one");
        await using var two = await fixture.OpenAsync("two");
        await fixture.PublishChunkAsync(7);
        Assert.Equal(7, await BusFixture.TakeAsync(one));
        Assert.Equal(0, fixture.GivenBackCount());
        Assert.Equal(7, await BusFixture.TakeAsync(two));
        Assert.Equal(1, fixture.GivenBackCount());
    }

    [Fact]
    public async Task A_fan_out_that_is_given_up_half_way_leaks_nothing()
    {
        using var fixture = new BusFixture(lane: 1);
        using var giveUp = new CancellationTokenSource();
        await using var one = await fixture.OpenAsync("one");
        await using var two = await fixture.OpenAsync("two");
        await using var three = await fixture.OpenAsync("three");
        await fixture.PublishChunkAsync(1);
        Assert.Equal(1, await BusFixture.TakeAsync(one));
        var stuck = fixture.PublishChunkAsync(2, cancellationToken: giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stuck);
        Assert.Equal(2, await BusFixture.TakeAsync(one));
        Assert.Equal(1, await BusFixture.TakeAsync(two));
        Assert.Equal(1, await BusFixture.TakeAsync(three));
        Assert.Equal(2, fixture.GivenBackCount());
    }

    [Fact]
    public async Task Opening_an_open_lane_does_nothing()
    {
        using var fixture = new BusFixture();
        await using var consumer = await fixture.OpenAsync("gateways");
        await fixture.PublishChunkAsync(7);
        await fixture.Bus.OpenLaneAsync("gateways", Key("call"), TestContext.Current.CancellationToken);
        Assert.Equal(7, await BusFixture.TakeAsync(consumer));
    }

    [Fact]
    public async Task Deleting_a_lane_ends_its_consumer_and_gives_back_what_it_held()
    {
        using var fixture = new BusFixture(lane: 1);
        await using var consumer = await fixture.OpenAsync("gateways");
        await fixture.PublishChunkAsync(1);
        var waiting = fixture.PublishChunkAsync(2).AsTask();
        await fixture.Bus.DeleteLaneAsync("gateways", Key("call"), TestContext.Current.CancellationToken);
        await waiting;
        Assert.Null(await consumer.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, fixture.GivenBackCount());
        Assert.Equal(2, fixture.Drops["lane queue-gone"]);
    }

    [Fact]
    public async Task The_bus_says_when_the_last_lane_is_gone_each_time()
    {
        using var fixture = new BusFixture();
        await fixture.Bus.WhenNoLanesAsync(TestContext.Current.CancellationToken);
        for (int round = 0; round < 2; round++)
        {
            await using var one = await fixture.OpenAsync("gateways", "one");
            await using var two = await fixture.OpenAsync("gateways", "two");
            var gone = fixture.Bus.WhenNoLanesAsync(TestContext.Current.CancellationToken);
            await fixture.Bus.DeleteLaneAsync("gateways", Key("one"), TestContext.Current.CancellationToken);
            Assert.False(gone.IsCompleted);
            await fixture.Bus.DeleteLaneAsync("gateways", Key("two"), TestContext.Current.CancellationToken);
            await gone;
        }
    }

    [Fact]
    public async Task Deleting_one_groups_lane_leaves_the_others()
    {
        using var fixture = new BusFixture();
        await using var one = await fixture.OpenAsync("one");
        await using var two = await fixture.OpenAsync("two");
        await fixture.Bus.DeleteLaneAsync("one", Key("call"), TestContext.Current.CancellationToken);
        await fixture.Bus.DeleteLaneAsync("one", Key("call"), TestContext.Current.CancellationToken);
        await fixture.PublishChunkAsync(7);
        Assert.Equal(7, await BusFixture.TakeAsync(two));
        Assert.Equal(1, fixture.GivenBackCount());
    }

    [Fact]
    public async Task A_full_lane_of_live_audio_drops_the_oldest_for_its_group_alone()
    {
        using var fixture = new BusFixture(lane: 2, whenFull: WhenFull.DropOldest);
        await using var slow = await fixture.OpenAsync("slow");
        await using var quick = await fixture.OpenAsync("quick");
        for (byte i = 0; i < 5; i++)
        {
            await fixture.PublishChunkAsync(i);
            Assert.Equal(i, await BusFixture.TakeAsync(quick));
        }

        Assert.Equal(3, fixture.Drops["lane queue-full"]);
        Assert.Equal((3, 4), (await BusFixture.TakeAsync(slow), await BusFixture.TakeAsync(slow)));
        Assert.Equal(5, fixture.GivenBackCount());
    }

    [Fact]
    public async Task A_lane_that_is_not_open_can_not_be_consumed()
    {
        using var fixture = new BusFixture();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await fixture.Bus.ConsumeLaneAsync("gateways", Key("call"), TestContext.Current.CancellationToken));
        Assert.Contains("is not open", error.Message, StringComparison.Ordinal);
    }
}
