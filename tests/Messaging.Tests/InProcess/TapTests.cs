namespace CallMirror.Messaging.Tests.InProcess;

/// <summary>Listening in beside a lane; the same as over a broker in <see cref="RabbitMq.TapTests"/>.</summary>
public sealed class TapTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tap_hears_its_call_from_now_on_and_the_lane_has_everything()
    {
        using var fixture = new BusFixture();
        await using var lane = await fixture.OpenAsync("test");
        await fixture.PublishChunkAsync(1);
        await using var tap = await fixture.Bus.TapAsync(Key("call"), Cancel);
        await fixture.PublishChunkAsync(9, "another");
        await fixture.PublishChunkAsync(2);

        Assert.Equal(2, await BusFixture.TakeAsync(tap));
        Assert.Equal((1, 2), (await BusFixture.TakeAsync(lane), await BusFixture.TakeAsync(lane)));
    }

    [Fact]
    public async Task Each_tap_hears_every_chunk_also_without_a_lane()
    {
        using var fixture = new BusFixture();
        await using var one = await fixture.Bus.TapAsync(Key("call"), Cancel);
        await using var two = await fixture.Bus.TapAsync(Key("call"), Cancel);
        await fixture.PublishChunkAsync(7);
        Assert.Equal((7, 7), (await BusFixture.TakeAsync(one), await BusFixture.TakeAsync(two)));
    }

    [Fact]
    public async Task A_tap_that_nobody_reads_drops_its_oldest_counted_and_neither_lane_nor_publisher_waits()
    {
        using var fixture = new BusFixture(tap: 3);
        await using var lane = await fixture.OpenAsync("test");
        await using var tap = await fixture.Bus.TapAsync(Key("call"), Cancel);
        for (byte i = 0; i < 10; i++)
        {
            await fixture.PublishChunkAsync(i);
            Assert.Equal(i, await BusFixture.TakeAsync(lane));
        }

        Assert.Equal(7, fixture.Drops["tap queue-full"]);
        Assert.Equal((7, 8, 9), (await BusFixture.TakeAsync(tap), await BusFixture.TakeAsync(tap), await BusFixture.TakeAsync(tap)));
    }

    [Fact]
    public async Task A_full_lane_still_makes_its_publisher_wait_and_the_tap_hears_what_got_in()
    {
        using var fixture = new BusFixture(lane: 1);
        await using var lane = await fixture.OpenAsync("test");
        await using var tap = await fixture.Bus.TapAsync(Key("call"), Cancel);
        await fixture.PublishChunkAsync(1);
        var waiting = fixture.PublishChunkAsync(2);
        Assert.False(waiting.IsCompleted);
        Assert.Equal(1, await BusFixture.TakeAsync(tap));

        Assert.Equal(1, await BusFixture.TakeAsync(lane));
        await waiting;
        Assert.Equal(2, await BusFixture.TakeAsync(tap));
    }

    [Fact]
    public async Task A_closed_tap_leaves_nothing_behind()
    {
        using var fixture = new BusFixture();
        await using var lane = await fixture.OpenAsync("test");
        var tap = await fixture.Bus.TapAsync(Key("call"), Cancel);
        await fixture.PublishChunkAsync(1);
        await tap.DisposeAsync();
        await fixture.PublishChunkAsync(2);

        Assert.Equal((1, 2), (await BusFixture.TakeAsync(lane), await BusFixture.TakeAsync(lane)));
        Assert.Null(await tap.ReadAsync(Cancel));
        Assert.Equal(fixture.MadeCount, fixture.GivenBackCount());
    }

    [Fact]
    public async Task Only_lanes_keep_a_run_from_its_end()
    {
        using var fixture = new BusFixture();
        await using var tap = await fixture.Bus.TapAsync(Key("call"), Cancel);
        Assert.True(fixture.Bus.WhenNoLanesAsync(Cancel).IsCompleted);
        await fixture.OpenAsync("test");
        var none = fixture.Bus.WhenNoLanesAsync(Cancel);
        await fixture.Bus.DeleteLaneAsync("test", Key("call"), Cancel);
        await none.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
    }
}
