using CallMirror.Contracts.Naming;
using CallMirror.Messaging.InProcess;

namespace CallMirror.Messaging.Tests.InProcess;

public sealed class WorkQueueTests
{
    [Fact]
    public async Task Batches_come_in_the_order_they_were_published_in_and_are_given_back_when_acknowledged()
    {
        using var fixture = new BusFixture();
        await using var consumer = await fixture.Bus.ConsumeBatchesAsync(TestContext.Current.CancellationToken);
        for (byte i = 0; i < 4; i++)
            await fixture.PublishBatchAsync(i);
        for (byte i = 0; i < 4; i++)
        {
            Assert.Equal(i, fixture.GivenBackCount());
            Assert.Equal(i, await BusFixture.TakeAsync(consumer));
        }

        Assert.Equal(4, fixture.GivenBackCount());
        Assert.Empty(fixture.Drops);
    }

    [Fact]
    public async Task A_full_queue_that_waits_lets_the_publisher_wait_until_one_is_read()
    {
        using var fixture = new BusFixture(workQueue: 2);
        await using var consumer = await fixture.Bus.ConsumeBatchesAsync(TestContext.Current.CancellationToken);
        await fixture.PublishBatchAsync(0);
        await fixture.PublishBatchAsync(1);
        var third = fixture.PublishBatchAsync(2).AsTask();
        Assert.False(third.IsCompleted);
        Assert.Equal(0, await BusFixture.TakeAsync(consumer));
        await third;
        Assert.Equal(1, await BusFixture.TakeAsync(consumer));
        Assert.Equal(2, await BusFixture.TakeAsync(consumer));
    }

    [Fact]
    public async Task Its_lag_is_the_age_of_the_oldest_batch_that_no_transcoder_has_taken()
    {
        using var fixture = new BusFixture();
        await using var consumer = await fixture.Bus.ConsumeBatchesAsync(TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.Zero, fixture.Bus.PublishLag);
        await fixture.PublishBatchAsync(0);
        fixture.Time.Advance(TimeSpan.FromMilliseconds(30));
        await fixture.PublishBatchAsync(1);
        fixture.Time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Equal(70, fixture.Bus.PublishLag.TotalMilliseconds, tolerance: 0.01);
        await BusFixture.TakeAsync(consumer);
        Assert.Equal(40, fixture.Bus.PublishLag.TotalMilliseconds, tolerance: 0.01);
        await BusFixture.TakeAsync(consumer);
        Assert.Equal(TimeSpan.Zero, fixture.Bus.PublishLag);
    }

    [Fact]
    public async Task A_publisher_that_gives_up_waiting_leaks_nothing()
    {
        using var fixture = new BusFixture(workQueue: 1);
        using var giveUp = new CancellationTokenSource();
        await fixture.PublishBatchAsync(0);
        var second = fixture.PublishBatchAsync(1, giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(1, fixture.GivenBackCount());
    }

    [Fact]
    public async Task A_full_queue_of_live_packets_drops_the_oldest_and_counts_it()
    {
        using var fixture = new BusFixture(workQueue: 2, whenFull: WhenFull.DropOldest);
        await using var consumer = await fixture.Bus.ConsumeBatchesAsync(TestContext.Current.CancellationToken);
        for (byte i = 0; i < 5; i++)
            await fixture.PublishBatchAsync(i);
        Assert.Equal(3, fixture.GivenBackCount());
        Assert.Equal(3, fixture.Drops[$"{Exchanges.TranscoderQueue} queue-full"]);
        Assert.Equal(3, await BusFixture.TakeAsync(consumer));
        Assert.Equal(4, await BusFixture.TakeAsync(consumer));
    }

    [Fact]
    public async Task A_rejected_batch_is_counted_under_its_reason_and_given_back()
    {
        using var fixture = new BusFixture();
        await using var consumer = await fixture.Bus.ConsumeBatchesAsync(TestContext.Current.CancellationToken);
        await fixture.PublishBatchAsync(0);
        var delivery = await consumer.ReadAsync(TestContext.Current.CancellationToken);
        await consumer.RejectAsync(delivery!, "bad-codec", TestContext.Current.CancellationToken);
        Assert.Equal(1, fixture.Drops[$"{Exchanges.TranscoderQueue} bad-codec"]);
        Assert.Equal(1, fixture.GivenBackCount());
    }

    [Fact]
    public async Task Two_consumers_share_the_batches()
    {
        using var fixture = new BusFixture();
        await using var one = await fixture.Bus.ConsumeBatchesAsync(TestContext.Current.CancellationToken);
        await using var two = await fixture.Bus.ConsumeBatchesAsync(TestContext.Current.CancellationToken);
        await fixture.PublishBatchAsync(0);
        await fixture.PublishBatchAsync(1);
        Assert.Equal((0, 1), (await BusFixture.TakeAsync(one), await BusFixture.TakeAsync(two)));
    }

    [Fact]
    public async Task When_the_bus_goes_away_readers_end_and_all_is_given_back()
    {
        using var fixture = new BusFixture(workQueue: 1);
        await using var consumer = await fixture.Bus.ConsumeBatchesAsync(TestContext.Current.CancellationToken);
        await fixture.PublishBatchAsync(0);
        var waiting = fixture.PublishBatchAsync(1).AsTask();
        fixture.Bus.Dispose();
        await waiting;
        Assert.Null(await consumer.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2, fixture.GivenBackCount());
        Assert.Equal(2, fixture.Drops[$"{Exchanges.TranscoderQueue} queue-gone"]);
    }
}
