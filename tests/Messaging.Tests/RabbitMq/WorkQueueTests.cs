using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Media;
using CallMirror.Messaging.RabbitMq;

namespace CallMirror.Messaging.Tests.RabbitMq;

[Collection(SharedBroker.Name)]
public sealed class WorkQueueTests(BrokerFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Batches_of_a_call_arrive_once_and_in_order()
    {
        await using var process = await fixture.StartAsync();
        await using var consumer = await process.Bus.ConsumeBatchesAsync(Cancel);
        for (int i = 0; i < 500; i++)
            await process.PublishBatchAsync(i);
        Assert.Equal(Enumerable.Range(0, 500), await BusProcess.TakeAsync(consumer, 500));
        await process.Bus.FlushAsync(Cancel);
        Assert.Equal(0, process.Counts["callmirror.messaging.republished callmirror.rtp"]);
    }

    [Fact]
    public async Task Two_consumers_share_the_work()
    {
        await using var process = await fixture.StartAsync("Prefetch=5");
        await using var one = await process.Bus.ConsumeBatchesAsync(Cancel);
        await using var two = await process.Bus.ConsumeBatchesAsync(Cancel);
        for (int i = 0; i < 10; i++)
            await process.PublishBatchAsync(i);
        var first = await BusProcess.TakeAsync(one, 5);
        var second = await BusProcess.TakeAsync(two, 5);
        Assert.Equal(Enumerable.Range(0, 10), first.Concat(second).Order());
    }

    [Fact]
    public async Task What_a_consumer_did_not_acknowledge_goes_to_another_when_its_process_stops()
    {
        await using var process = await fixture.StartAsync();
        await using var stopping = await BusProcess.StartAsync(fixture.Broker.Uri);
        var consumer = await stopping.Bus.ConsumeBatchesAsync(Cancel);
        for (int i = 0; i < 3; i++)
            await process.PublishBatchAsync(i);
        Assert.Equal(0, await BusProcess.TakeAsync(consumer));
        Assert.Equal(1, BusProcess.Content(await BusProcess.ReadAsync(consumer)));
        await stopping.DisposeAsync();

        await using var other = await process.Bus.ConsumeBatchesAsync(Cancel);
        var again = await BusProcess.ReadAsync(other);
        Assert.Equal((1, true), (BusProcess.Content(again), again.Redelivered));
        await other.AcknowledgeAsync(again, Cancel);
        Assert.Equal(2, await BusProcess.TakeAsync(other));
    }

    [Fact]
    public async Task A_consumer_holds_no_more_than_its_prefetch()
    {
        await using var process = await fixture.StartAsync("Prefetch=3");
        await using var holding = await process.Bus.ConsumeBatchesAsync(Cancel);
        for (int i = 0; i < 10; i++)
            await process.PublishBatchAsync(i);
        List<MediaDelivery> held = [await BusProcess.ReadAsync(holding), await BusProcess.ReadAsync(holding), await BusProcess.ReadAsync(holding)];
        await using var other = await process.Bus.ConsumeBatchesAsync(Cancel);
        Assert.Equal(Enumerable.Range(3, 7), await BusProcess.TakeAsync(other, 7));
        Assert.Equal([0, 1, 2], held.Select(BusProcess.Content));
        Assert.False(holding.ReadAsync(Cancel).AsTask().IsCompleted);
    }

    [Fact]
    public async Task A_rejected_message_is_set_aside_with_its_reason_and_counted()
    {
        await using var process = await fixture.StartAsync();
        await using var consumer = await process.Bus.ConsumeBatchesAsync(Cancel);
        await process.PublishBatchAsync(7);
        await consumer.RejectAsync(await BusProcess.ReadAsync(consumer), "too short", Cancel);
        Assert.Equal(1, process.Counts["callmirror.messaging.dropped callmirror.transcoder too short"]);

        await using var connection = await fixture.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(null, Cancel);
        var dead = await channel.BasicGetAsync(MediaTopology.Dead, autoAck: true, Cancel);
        Assert.NotNull(dead);
        Assert.Equal(7, BitConverter.ToInt32(dead.Body.Span));
        Assert.Equal("too short", Text(dead.BasicProperties.Headers?["reason"]));
        Assert.Equal(Exchanges.TranscoderQueue, Text(dead.BasicProperties.Headers?["queue"]));
    }

    [Fact]
    public async Task A_full_queue_drops_its_oldest()
    {
        await using var process = await fixture.StartAsync("WorkMaxBytes=10240");
        for (int i = 0; i < 20; i++)
            await process.Bus.PublishBatchAsync("call", BusProcess.Make(i, 1024), Cancel);
        await process.Bus.FlushAsync(Cancel);
        await using var consumer = await process.Bus.ConsumeBatchesAsync(Cancel);
        Assert.Equal(Enumerable.Range(10, 10), await BusProcess.TakeAsync(consumer, 10));
    }

    [Fact]
    public async Task A_batch_goes_away_with_its_age()
    {
        await using var process = await fixture.StartAsync("WorkMaxAge=00:00:00.2");
        await process.PublishBatchAsync(1);
        await process.Bus.FlushAsync(Cancel);
        await using var connection = await fixture.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(null, Cancel);
        await Eventually.IsTrueAsync(async () => await channel.MessageCountAsync(Exchanges.TranscoderQueue, Cancel) == 0);
    }

    [Fact]
    public async Task Shards_spread_the_calls_and_keep_each_call_in_one_queue()
    {
        await using var process = await fixture.StartAsync("Shards=4");
        for (int i = 0; i < 400; i++)
            await process.PublishBatchAsync(i / 100, $"call-{i % 100}");
        await process.Bus.FlushAsync(Cancel);

        await using var connection = await fixture.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(null, Cancel);
        List<HashSet<string>> calls = [];
        for (int shard = 0; shard < 4; shard++)
        {
            var here = new List<string>();
            while (await channel.BasicGetAsync($"{Exchanges.TranscoderQueue}.{shard}", autoAck: false, Cancel) is { } message)
                here.Add(message.RoutingKey);
            Assert.All(here.CountBy(call => call), call => Assert.Equal(4, call.Value));
            Assert.InRange(here.Count, 20, 240);
            calls.Add([.. here]);
        }

        Assert.Equal(100, calls.Sum(shard => shard.Count));
        Assert.Equal(100, calls.SelectMany(shard => shard).Distinct().Count());
    }

    [Fact]
    public async Task A_consumer_reads_all_shards()
    {
        await using var process = await fixture.StartAsync("Shards=3");
        await using var consumer = await process.Bus.ConsumeBatchesAsync(Cancel);
        for (int i = 0; i < 60; i++)
            await process.PublishBatchAsync(i, $"call-{i}");
        Assert.Equal(Enumerable.Range(0, 60), (await BusProcess.TakeAsync(consumer, 60)).Order());
    }

    private static string? Text(object? header) => header is byte[] bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;
}
