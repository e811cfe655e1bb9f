namespace CallMirror.Messaging.Tests.RabbitMq;

[Collection(SharedBroker.Name)]
public sealed class WorkQueueTests(BrokerFixture fixture)
{
    [Fact]
    public async Task A_batch_arrives_as_it_was_published()
    {
        await using var vhost = await VirtualHost.CreateAsync(fixture.Broker);
        await using var process = await BusProcess.StartAsync(vhost.Uri);
        await using var consumer = await process.Bus.ConsumeBatchesAsync(TestContext.Current.CancellationToken);
        await process.PublishBatchAsync(7);
        Assert.Equal(7, await BusProcess.TakeAsync(consumer));
    }
}
