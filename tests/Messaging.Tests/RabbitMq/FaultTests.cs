using CallMirror.Contracts.Naming;
using CallMirror.TestKit.Broker;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace CallMirror.Messaging.Tests.RabbitMq;

[Collection(SharedBroker.Name)]
public sealed class FaultTests(BrokerFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_that_dies_and_comes_back_loses_no_message()
    {
        const int Count = 20_000;
        await using var broker = await RabbitMqBroker.StartAsync(Cancel);
        await using var publisher = await BusProcess.StartAsync(broker.Uri, "WindowMessages=1000");
        await using var other = await BusProcess.StartAsync(broker.Uri);
        await using var consumer = await other.Bus.ConsumeBatchesAsync(Cancel);
        var reading = ReadAllAsync();
        var half = new TaskCompletionSource();
        var publishing = PublishAllAsync();

        await half.Task;
        await broker.RestartAsync(Cancel);
        await publishing;
        await publisher.Bus.FlushAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        var arrived = await reading.WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        Assert.Equal(Enumerable.Range(0, Count), arrived.Distinct().Order());
        Assert.True(publisher.Counts["callmirror.messaging.republished callmirror.rtp"] > 0, "the broker was not killed in the middle of it");

        async Task PublishAllAsync()
        {
            for (int i = 0; i < Count; i++)
            {
                await publisher.PublishBatchAsync(i);
                if (i == Count / 2)
                    half.SetResult();
            }
        }

        async Task<List<int>> ReadAllAsync()
        {
            List<int> contents = [];
            do
                contents.Add(await BusProcess.TakeAsync(consumer, TimeSpan.FromSeconds(60)));
            while (contents[^1] != Count - 1);
            return contents;
        }
    }

    [Fact]
    public async Task A_cut_connection_comes_back_and_nothing_is_lost_or_acknowledged_by_mistake()
    {
        await using var direct = await fixture.StartAsync();
        await using var relay = new TcpRelay(fixture.Broker.Port);
        await using var process = await BusProcess.StartAsync(relay.UriOf(fixture.Broker.Uri), "Prefetch=1");
        await using var consumer = await process.Bus.ConsumeBatchesAsync(Cancel);
        for (int i = 0; i < 10; i++)
            await direct.PublishBatchAsync(i);
        var before = await BusProcess.ReadAsync(consumer);
        await CutAsync();

        // The same message comes again with the same number on its new channel; settling it as it came before must not settle that.
        var again = await BusProcess.ReadAsync(consumer);
        Assert.Equal((0, 0, true), (BusProcess.Content(before), BusProcess.Content(again), again.Redelivered));
        Assert.Equal((false, true), (before.IsAfterOutage, again.IsAfterOutage));
        await consumer.AcknowledgeAsync(before, Cancel);
        await CutAsync();
        Assert.Equal(Enumerable.Range(0, 10), await BusProcess.TakeAsync(consumer, 10));
        // Two connections were cut twice; what both say of one cut is said once.
        Assert.InRange(process.Log.Lines.Count(line => line.StartsWith("Warning:", StringComparison.Ordinal)), 2, 4);

        // A connection that is still on its way back would say nothing of a cut, or something else.
        async Task CutAsync()
        {
            await Eventually.IsTrueAsync(() => process.Health.State.IsConnected);
            relay.Cut();
        }
    }

    [Fact]
    public async Task A_lane_that_was_deleted_while_the_connection_was_away_ends_its_reader()
    {
        await using var direct = await fixture.StartAsync();
        await using var relay = new TcpRelay(fixture.Broker.Port);
        await using var process = await BusProcess.StartAsync(relay.UriOf(fixture.Broker.Uri));
        await using var lane = await process.OpenLaneAsync("away");
        await relay.DisposeAsync();
        await Eventually.IsTrueAsync(() => !process.Health.State.IsConnected);
        await direct.Bus.DeleteLaneAsync("test", Key("away"), Cancel);
        await using var back = new TcpRelay(fixture.Broker.Port, relay.Port);
        Assert.Null(await lane.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel));
    }

    [Fact]
    public async Task A_broker_that_is_not_there_at_start_is_said_once_and_waited_for()
    {
        await using var broker = RabbitMqBroker.NotStarted();
        await using var process = await BusProcess.StartAsync(broker.Uri);
        await process.PublishBatchAsync(7);
        var consuming = process.Bus.ConsumeBatchesAsync(Cancel).AsTask();
        await Eventually.IsTrueAsync(() => process.Health.State.Reason?.Contains("can't be reached", StringComparison.Ordinal) == true);
        await broker.RestartAsync(Cancel);

        await using var consumer = await consuming.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.Equal(7, await BusProcess.TakeAsync(consumer));
        await Eventually.IsTrueAsync(() => process.Health.State.IsConnected);
        string why = $"Warning: RabbitMQ at 127.0.0.1:{broker.Port} can't be reached: Connection refused; trying on";
        Assert.StartsWith(why, Assert.Single(process.Log.Lines, line => line.StartsWith("Warning:", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_credentials_are_said_in_one_sentence_without_the_password()
    {
        string uri = fixture.Broker.Uri.Replace(RabbitMqBroker.Password, "mistyped", StringComparison.Ordinal);
        await using var process = await BusProcess.StartAsync(uri);
        await Eventually.IsTrueAsync(() => process.Log.Lines.Count >= 1);
        string reason = $"RabbitMQ at 127.0.0.1:{fixture.Broker.Port} refuses the user callmirror: user or password of CallMirror:Broker:Uri is wrong";
        Assert.StartsWith($"Warning: {reason}; trying on", Assert.Single(process.Log.Lines), StringComparison.Ordinal);
        Assert.Equal((false, reason), (process.Health.State.IsConnected, process.Health.State.Reason));
    }

    [Fact]
    public async Task A_virtual_host_that_does_not_exist_is_said_in_one_sentence()
    {
        await using var process = await BusProcess.StartAsync($"{fixture.Broker.Uri}nowhere");
        await Eventually.IsTrueAsync(() => process.Log.Lines.Count >= 1);
        Assert.All(process.Log.Lines, line => Assert.Contains("does not let the user callmirror in: NOT_ALLOWED - vhost nowhere not found", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Queues_of_other_settings_are_said_in_one_sentence()
    {
        await using var first = await fixture.StartAsync();
        await Eventually.IsTrueAsync(() => first.Health.State.IsConnected);
        await using var second = await BusProcess.StartAsync(fixture.Broker.Uri, "WorkMaxBytes=2048");
        await Eventually.IsTrueAsync(() => second.Log.Lines.Count >= 1);
        Assert.All(second.Log.Lines, line => Assert.Contains("has a queue or exchange of other settings than ours", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_live_publisher_without_a_broker_drops_its_oldest_and_counts_it()
    {
        await using var broker = RabbitMqBroker.NotStarted();
        await using var process = await BusProcess.StartAsync(broker.Uri, "WindowMessages=3", "DropOldest=true");
        for (int i = 0; i < 10; i++)
            await process.PublishBatchAsync(i);
        Assert.Equal(7, process.Counts["callmirror.messaging.dropped callmirror.rtp window-full"]);
        await broker.RestartAsync(Cancel);
        await using var consumer = await process.Bus.ConsumeBatchesAsync(Cancel);
        Assert.Equal([7, 8, 9], await BusProcess.TakeAsync(consumer, 3));
    }

    [Fact]
    public async Task A_publisher_that_can_wait_waits_while_the_window_is_full()
    {
        await using var broker = RabbitMqBroker.NotStarted();
        await using var process = await BusProcess.StartAsync(broker.Uri, "WindowMessages=3");
        using var giveUp = new CancellationTokenSource();
        for (int i = 0; i < 3; i++)
            await process.PublishBatchAsync(i);
        var waiting = process.Bus.PublishBatchAsync("call", BusProcess.Make(3), giveUp.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Queues_and_exchanges_that_somebody_removed_are_made_again()
    {
        await using var process = await fixture.StartAsync();
        await using var consumer = await process.Bus.ConsumeBatchesAsync(Cancel);
        await using var connection = await fixture.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(null, Cancel);
        await channel.ExchangeDeleteAsync(Exchanges.Rtp, cancellationToken: Cancel);
        await process.PublishBatchAsync(1);
        Assert.Equal(1, await BusProcess.TakeAsync(consumer));
        await channel.QueueDeleteAsync(Exchanges.TranscoderQueue, cancellationToken: Cancel);
        await Eventually.IsTrueAsync(async () => await ExistsAsync(connection, Exchanges.TranscoderQueue));
        await process.PublishBatchAsync(2);
        Assert.Equal(2, await BusProcess.TakeAsync(consumer));
    }

    private static async Task<bool> ExistsAsync(IConnection connection, string queue)
    {
        await using var channel = await connection.CreateChannelAsync(null, Cancel);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, Cancel)).ConsumerCount > 0;
        }
        catch (OperationInterruptedException)
        {
            return false;
        }
    }
}
