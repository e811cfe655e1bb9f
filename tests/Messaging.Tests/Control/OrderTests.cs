using System.Threading.Channels;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Control;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.Messaging.Tests.Control;

/// <summary>Consumers of the control plane see what was published in the order in which it was published, whatever its types.</summary>
public sealed class OrderTests
{
    private const int Calls = 500;

    [Fact]
    public async Task Events_of_different_types_arrive_in_the_order_they_were_published_in()
    {
        var seen = new Seen();
        await using var host = await ControlHost.StartAsync(
            services => services.AddSingleton(seen).AddControlEndpoint(new ControlEndpoint("order", [typeof(Recorder)], Temporary: true)));
        var bus = host.Bus;
        for (int call = 0; call < Calls; call++)
            await PublishCallAsync(bus, $"call-{call}");

        foreach (string expected in Enumerable.Range(0, Calls).SelectMany(call => Story($"call-{call}")))
            Assert.Equal(expected, await seen.NextAsync());
    }

    [Fact]
    public async Task What_a_consumer_publishes_arrives_in_order_at_another_endpoint()
    {
        var seen = new Seen();
        await using var host = await ControlHost.StartAsync(
            services => services.AddSingleton(seen)
                .AddControlEndpoint(new ControlEndpoint("tracker", [typeof(Narrator)], Temporary: false))
                .AddControlEndpoint(new ControlEndpoint("capture", [typeof(Recorder)], Temporary: true)));
        var bus = host.Bus;
        for (int call = 0; call < Calls; call++)
            await bus.Publish(Messages.Captured($"call-{call}", call), TestContext.Current.CancellationToken);

        foreach (string expected in Enumerable.Range(0, Calls).SelectMany(call => Story($"call-{call}").Append($"SipMessageHandled call-{call}")))
            Assert.Equal(expected, await seen.NextAsync());
    }

    private static IEnumerable<string> Story(string callId) =>
        new[] { "CallStarted", "MediaNegotiated", "CallAnswered", "CallHeld", "CallResumed", "CallEnded" }.Select(type => $"{type} {callId}");

    private static async Task PublishCallAsync(IPublishEndpoint bus, string callId)
    {
        var at = DateTimeOffset.UnixEpoch;
        var token = TestContext.Current.CancellationToken;
        await bus.Publish(new CallStarted { CallId = callId, At = at }, token);
        await bus.Publish(new MediaNegotiated { CallId = callId, At = at, Version = 1, StartedAt = at, Streams = [] }, token);
        await bus.Publish(new CallAnswered { CallId = callId, At = at }, token);
        await bus.Publish(new CallHeld { CallId = callId, At = at, By = 0 }, token);
        await bus.Publish(new CallResumed { CallId = callId, At = at, By = 0 }, token);
        await bus.Publish(new CallEnded { CallId = callId, At = at, Reason = EndReason.Bye }, token);
    }

    /// <summary>As sip-tracker: what follows from a message, then that it has been handled.</summary>
    internal sealed class Narrator : IConsumer<SipMessageCaptured>
    {
        public async Task Consume(ConsumeContext<SipMessageCaptured> context)
        {
            await PublishCallAsync(context, context.Message.CallId);
            await context.Publish(Messages.Handled(context.Message), context.CancellationToken);
        }
    }

    internal sealed class Recorder(Seen seen) : IConsumer<CallStarted>, IConsumer<MediaNegotiated>, IConsumer<CallAnswered>, IConsumer<CallHeld>,
        IConsumer<CallResumed>, IConsumer<CallEnded>, IConsumer<SipMessageHandled>
    {
        public Task Consume(ConsumeContext<CallStarted> context) => seen.AddAsync(context.Message);

        public Task Consume(ConsumeContext<MediaNegotiated> context) => seen.AddAsync(context.Message);

        public Task Consume(ConsumeContext<CallAnswered> context) => seen.AddAsync(context.Message);

        public Task Consume(ConsumeContext<CallHeld> context) => seen.AddAsync(context.Message);

        public Task Consume(ConsumeContext<CallResumed> context) => seen.AddAsync(context.Message);

        public Task Consume(ConsumeContext<CallEnded> context) => seen.AddAsync(context.Message);

        public Task Consume(ConsumeContext<SipMessageHandled> context) => seen.AddAsync($"SipMessageHandled {context.Message.CallId}");
    }

    internal sealed class Seen
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

        public Task AddAsync(CallEvent message) => AddAsync($"{message.GetType().Name} {message.CallId}");

        // Not taking the same time for each lets a second message overtake the first, where two are handled at once.
        public async Task AddAsync(string line)
        {
            if (line.GetHashCode(StringComparison.Ordinal) % 3 == 0)
                await Task.Yield();
            await _lines.Writer.WriteAsync(line);
        }

        public ValueTask<string> NextAsync() => _lines.Reader.ReadAsync(TestContext.Current.CancellationToken);
    }
}
