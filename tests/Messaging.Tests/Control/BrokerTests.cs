using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.Tests.RabbitMq;
using CallMirror.TestKit;
using MassTransit;
using RabbitMQ.Client;

namespace CallMirror.Messaging.Tests.Control;

/// <summary>The control plane over a real RabbitMQ, as its services and as a foreign client see it.</summary>
[Collection(SharedBroker.Name)]
public sealed class BrokerTests(BrokerFixture fixture)
{
    private const int Calls = 300;

    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;

    private static ControlEndpoint Ear(bool followsCalls = false) =>
        new($"callmirror.test.{Guid.NewGuid():N}", [typeof(Recorder)], Temporary: true, followsCalls);

    [Fact]
    public async Task Each_event_has_a_durable_topic_exchange_and_plain_json_with_the_call_id_as_routing_key()
    {
        await using var host = await BrokerHost.StartAsync(fixture.Broker);
        string longId = new('x', 300);
        await host.Bus.Publish(new CallAnswered { CallId = "declare", At = At }, TestContext.Current.CancellationToken);
        await using var foreign = await ForeignAsync("callmirror.calls.CallAnswered");

        await host.Bus.Publish(new CallAnswered { CallId = "a.b#c*", At = At }, TestContext.Current.CancellationToken);
        await host.Bus.Publish(new CallAnswered { CallId = longId, At = At }, TestContext.Current.CancellationToken);

        var first = await foreign.NextAsync();
        Assert.Equal("a.b#c*", first.RoutingKey);
        using var json = JsonDocument.Parse(first.Body);
        Assert.Equal("a.b#c*", json.RootElement.GetProperty("callId").GetString());
        Assert.True(first.Persistent);
        Assert.Equal(RoutingKey.For(longId), (await foreign.NextAsync()).RoutingKey);
        // The broker refuses to declare it as anything else.
        await foreign.Channel.ExchangeDeclareAsync("callmirror.calls.CallAnswered", ExchangeType.Topic, durable: true, cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Events_of_different_types_arrive_in_the_order_they_were_published_in()
    {
        await using var host = await BrokerHost.StartAsync(fixture.Broker, Ear());
        for (int call = 0; call < Calls; call++)
        {
            await host.Bus.Publish(new CallAnswered { CallId = $"{call}", At = At }, TestContext.Current.CancellationToken);
            await host.Bus.Publish(new CallEnded { CallId = $"{call}", At = At, Reason = EndReason.Bye }, TestContext.Current.CancellationToken);
        }

        for (int call = 0; call < Calls; call++)
        {
            Assert.Equal($"{call}", Assert.IsType<CallAnswered>(await host.NextAsync()).CallId);
            Assert.Equal($"{call}", Assert.IsType<CallEnded>(await host.NextAsync()).CallId);
        }
    }

    [Fact]
    public async Task What_is_published_without_waiting_for_each_confirm_arrives_in_order()
    {
        await using var host = await BrokerHost.StartAsync(fixture.Broker, Ear());
        var publisher = host.Publisher;
        object[] messages = [.. Enumerable.Range(0, 10 * Calls).Select(number => Numbered(number))];
        foreach (var together in messages.Chunk(64))
            await publisher.PublishAsync([.. together.Select(message => new ControlMessage(message))], TestContext.Current.CancellationToken);

        foreach (object message in messages)
            Assert.Equal(message, await host.NextAsync());
    }

    [Fact]
    public async Task Over_a_connection_that_ends_all_of_it_comes_and_nothing_before_what_it_follows()
    {
        await using var relay = new TcpRelay(fixture.Broker.Port);
        await using var listener = await BrokerHost.StartAsync(fixture.Broker, Ear());
        await using var host = await BrokerHost.StartAsync(relay.UriOf(fixture.Broker.Uri), TimeProvider.System);
        object[] messages = [.. Enumerable.Range(0, 64).Select(Numbered)];
        var publisher = host.Publisher;
        await publisher.PublishAsync([new ControlMessage(messages[0]), new ControlMessage(messages[1]), new ControlMessage(messages[2])], TestContext.Current.CancellationToken);

        var publishing = publisher.PublishAsync([.. messages.Skip(3).Select(message => new ControlMessage(message))], TestContext.Current.CancellationToken);
        relay.Cut();
        await publishing;

        var heard = new List<object>();
        while (heard.Distinct().Count() < messages.Length)
            heard.Add(await listener.NextAsync());
        Assert.Equal(messages, heard.Distinct());
    }

    // Of three types, so that their exchanges are declared in between.
    private static object Numbered(int number) => (number % 3) switch
    {
        0 => new CallAnswered { CallId = $"{number}", At = At },
        1 => new CallEnded { CallId = $"{number}", At = At, Reason = EndReason.Bye },
        _ => new StreamQuality { CallId = $"{number}", At = At, Role = 0, Packets = number, Samples = 0, Lost = 0, Duplicates = 0, Late = 0, Reordered = 0, JitterMilliseconds = 0, Stretches = 0 },
    };

    [Theory]
    [InlineData("no json at all", "unreadable")]
    [InlineData("{\"callId\":1}", "unreadable")]
    [InlineData("", "unreadable")]
    public async Task A_message_that_is_not_what_the_contract_says_goes_to_the_dead_letters_and_the_consumer_goes_on(string body, string reason)
    {
        var ear = Ear();
        await using var host = await BrokerHost.StartAsync(fixture.Broker, ear);
        await using var dead = await ForeignAsync(Exchanges.DeadControl);
        var properties = new BasicProperties
        {
            ContentType = "application/json",
            Headers = new Dictionary<string, object?> { ["MT-MessageType"] = "urn:message:CallMirror.Contracts.Calls:CallAnswered" },
        };
        await dead.Channel.BasicPublishAsync("callmirror.calls.CallAnswered", "x", mandatory: true, properties, Encoding.UTF8.GetBytes(body), TestContext.Current.CancellationToken);
        await host.Bus.Publish(new CallAnswered { CallId = "after", At = At }, TestContext.Current.CancellationToken);

        Assert.Equal("after", Assert.IsType<CallAnswered>(await host.NextAsync()).CallId);
        Assert.Equal(body, Encoding.UTF8.GetString((await dead.NextAsync()).Body));
        await dead.Channel.BasicPublishAsync(Exchanges.DeadControl, "x", mandatory: false, new BasicProperties(), "the next"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("the next", Encoding.UTF8.GetString((await dead.NextAsync()).Body));
        Assert.Equal([($"callmirror.messaging.dead_letters callmirror.test {reason}", 1L)], host.Counts.All.Where(count => count.Key.StartsWith("callmirror.messaging.dead_letters", StringComparison.Ordinal)).Select(count => (count.Key, count.Value)));
    }

    [Fact]
    public async Task What_a_consumer_can_not_handle_is_tried_again_and_then_goes_to_the_dead_letters()
    {
        await using var host = await BrokerHost.StartAsync(fixture.Broker, Ear());
        await using var dead = await ForeignAsync(Exchanges.DeadControl);
        await host.Bus.Publish(new CallResumed { CallId = "throws", At = At, By = 1 }, TestContext.Current.CancellationToken);
        await host.Bus.Publish(new CallAnswered { CallId = "after", At = At }, TestContext.Current.CancellationToken);

        for (int attempt = 0; attempt < 4; attempt++)
            Assert.IsType<CallResumed>(await host.NextAsync());
        Assert.IsType<CallAnswered>(await host.NextAsync());
        var letter = await dead.NextAsync();
        Assert.Contains("this one can't be handled", Encoding.UTF8.GetString((byte[])letter.Headers!["MT-Fault-Message"]!), StringComparison.Ordinal);
        Assert.Equal(1, host.Counts["callmirror.messaging.dead_letters callmirror.test failed"]);
    }

    [Fact]
    public async Task Sip_is_kept_for_sip_tracker_before_that_has_ever_run()
    {
        await using var host = await BrokerHost.StartAsync(fixture.Broker);
        await host.Bus.Publish(Messages.Captured("early", 1), TestContext.Current.CancellationToken);

        await using var tracker = await BrokerHost.StartAsync(fixture.Broker, new ControlEndpoint(Exchanges.SipTrackerQueue, [typeof(Recorder)], Temporary: false));
        await NextAsync<SipMessageCaptured>(tracker, message => message.CallId == "early");
    }

    [Fact]
    public async Task Who_follows_calls_asks_for_those_that_are_up_as_soon_as_it_listens()
    {
        await using var tracker = await BrokerHost.StartAsync(fixture.Broker, new ControlEndpoint(Exchanges.SipTrackerQueue, [typeof(Asked)], Temporary: false));
        var ear = Ear(followsCalls: true);
        await using var host = await BrokerHost.StartAsync(fixture.Broker, ear);

        var request = await NextAsync<ActiveCallsRequested>(tracker, message => message.ReplyTo == ear.Queue);
        Assert.True(request.IsTemporary);
        Assert.False(request.IsTransient);
        Assert.Contains(nameof(CallEnded), request.Events);
    }

    [Fact]
    public async Task A_process_whose_consumer_hangs_since_the_connection_was_lost_ends_with_a_sentence()
    {
        var time = new ManualTimeProvider();
        await using var relay = new TcpRelay(fixture.Broker.Port);
        var ear = new ControlEndpoint($"callmirror.test.{Guid.NewGuid():N}", [typeof(Hanging)], Temporary: false);
        await using var host = await BrokerHost.StartAsync(relay.UriOf(fixture.Broker.Uri), time, ear);
        await host.Bus.Publish(new CallHeld { CallId = "hangs", At = At, By = 1 }, TestContext.Current.CancellationToken);
        Assert.IsType<CallHeld>(await host.NextAsync());

        relay.Cut();

        await Eventually.IsTrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return host.Failure is not null;
        });
        Assert.Equal("The control plane hangs, though RabbitMQ at 127.0.0.1 can be reached: the process has to begin anew", host.Failure);
    }

    // sip-tracker's queue outlives a test: what others have published is in it too.
    private static async Task<T> NextAsync<T>(BrokerHost host, Func<T, bool> isMeant)
        where T : class
    {
        while (true)
            if (await host.NextAsync() is T message && isMeant(message))
                return message;
    }

    private async Task<ForeignClient> ForeignAsync(string exchange) => await ForeignClient.BindAsync(await fixture.ConnectAsync(), exchange);

    internal sealed class Recorder(Channel<object> heard)
        : IConsumer<SipMessageCaptured>, IConsumer<CallAnswered>, IConsumer<CallEnded>, IConsumer<CallResumed>, IConsumer<StreamQuality>
    {
        public Task Consume(ConsumeContext<SipMessageCaptured> context) => Add(context.Message);

        public Task Consume(ConsumeContext<CallAnswered> context) => Add(context.Message);

        public Task Consume(ConsumeContext<CallEnded> context) => Add(context.Message);

        public Task Consume(ConsumeContext<StreamQuality> context) => Add(context.Message);

        public async Task Consume(ConsumeContext<CallResumed> context)
        {
            await Add(context.Message);
            throw new InvalidOperationException("this one can't be handled");
        }

        private Task Add(object message) => heard.Writer.WriteAsync(message).AsTask();
    }

    internal sealed class Hanging(Channel<object> heard, TaskCompletionSource hangs) : IConsumer<CallHeld>
    {
        public async Task Consume(ConsumeContext<CallHeld> context)
        {
            await heard.Writer.WriteAsync(context.Message);
            await hangs.Task;
        }
    }

    internal sealed class Asked(Channel<object> heard) : IConsumer<ActiveCallsRequested>
    {
        public Task Consume(ConsumeContext<ActiveCallsRequested> context) => heard.Writer.WriteAsync(context.Message).AsTask();
    }
}
