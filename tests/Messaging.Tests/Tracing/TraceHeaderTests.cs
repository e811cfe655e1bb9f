using System.Text;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Contracts.Tracing;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.Media;
using CallMirror.Messaging.Tests.Control;
using CallMirror.Messaging.Tests.RabbitMq;
using CallMirror.TestKit.Tracing;

namespace CallMirror.Messaging.Tests.Tracing;

/// <summary>How a trace context travels over a real RabbitMQ, as its consumers and a foreign client see it.</summary>
[Collection(SharedBroker.Name)]
public sealed class TraceHeaderTests(BrokerFixture fixture)
{
    private static readonly CallTrace Trace = CallTrace.Of("traced", DateTimeOffset.UnixEpoch);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_traced_batch_stands_below_its_publishing_and_one_that_is_not_has_no_header()
    {
        using var spans = new SpanCollector("traced");
        await using var process = await fixture.StartAsync();
        await using var consumer = await process.Bus.ConsumeBatchesAsync(Cancel);
        await using var foreign = await ForeignClient.BindAsync(await fixture.ConnectAsync(), Exchanges.Rtp);
        await PublishAsync(process.Bus, "traced", Trace.TraceParent);
        await PublishAsync(process.Bus, "traced", null);
        await process.Bus.FlushAsync(Cancel);

        var published = spans["publish callmirror.rtp"];
        Assert.Equal((Trace.TraceId, Trace.CallSpan), (published.TraceId, published.ParentSpanId));
        string context = CallTrace.Parent(Trace.TraceId, published.SpanId, isRecorded: true);
        Assert.Equal(context, await TakeAsync(consumer));
        Assert.Null(await TakeAsync(consumer));
        Assert.Equal(context, Encoding.ASCII.GetString((byte[])(await foreign.NextAsync()).Headers!["traceparent"]!));
        Assert.Null((await foreign.NextAsync()).Headers);
    }

    [Fact]
    public async Task A_call_event_carries_it_for_clients_in_any_language()
    {
        await using var host = await BrokerHost.StartAsync(fixture.Broker);
        var answered = new CallAnswered { CallId = "traced", At = DateTimeOffset.UnixEpoch };
        await host.Bus.Publish(answered, Cancel);
        await using var foreign = await ForeignClient.BindAsync(await fixture.ConnectAsync(), "callmirror.calls.CallAnswered");

        await host.Bus.PublishUntilConfirmedAsync(answered, Trace.TraceParent, TimeProvider.System, Cancel);

        Assert.Equal(Trace.TraceParent, Encoding.ASCII.GetString((byte[])(await foreign.NextAsync()).Headers!["traceparent"]!));
    }

    private static async Task PublishAsync(IMediaBus bus, string callId, string? traceParent)
    {
        var buffer = new MediaBuffer { TraceParent = traceParent };
        buffer.Append(10).Clear();
        await bus.PublishBatchAsync(callId, buffer, Cancel);
    }

    private static async Task<string?> TakeAsync(IMediaConsumer consumer)
    {
        var delivery = await BusProcess.ReadAsync(consumer);
        string? traceParent = delivery.Buffer.TraceParent;
        await consumer.AcknowledgeAsync(delivery, Cancel);
        return traceParent;
    }
}
