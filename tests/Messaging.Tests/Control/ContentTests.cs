using System.Text.Json;
using System.Threading.Channels;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Control;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.Messaging.Tests.Control;

public sealed class ContentTests
{
    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 3, 1, 10, 20, 30, TimeSpan.Zero).AddTicks(1_234_567);

    [Fact]
    public async Task Messages_arrive_as_they_were_published()
    {
        var arrived = Channel.CreateUnbounded<object>();
        await using var host = await ControlHost.StartAsync(
            services => services.AddSingleton(arrived).AddControlEndpoint(new ControlEndpoint("all", [typeof(Recorder)], Temporary: true)));
        var bus = host.Bus;
        foreach (object message in All())
        {
            await bus.Publish(message, message.GetType(), TestContext.Current.CancellationToken);
            object received = await arrived.Reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.Equal(message.GetType(), received.GetType());
            Assert.Equal(Json(message), Json(received));
        }
    }

    [Fact]
    public async Task A_consumer_that_throws_does_not_stop_the_ones_after_it()
    {
        var arrived = Channel.CreateUnbounded<object>();
        await using var host = await ControlHost.StartAsync(
            services => services.AddSingleton(arrived).AddControlEndpoint(new ControlEndpoint("all", [typeof(Recorder)], Temporary: true)));
        var bus = host.Bus;
        await bus.Publish(new CallResumed { CallId = "throws", At = At, By = 1 }, TestContext.Current.CancellationToken);
        await bus.Publish(new CallAnswered { CallId = "after", At = At }, TestContext.Current.CancellationToken);
        Assert.Equal("after", Assert.IsType<CallAnswered>(await arrived.Reader.ReadAsync(TestContext.Current.CancellationToken)).CallId);
    }

    private static string Json(object message) => JsonSerializer.Serialize(message, message.GetType());

    private static IEnumerable<object> All() =>
    [
        Messages.Captured("call \"1\" ✓", 1) with { CapturedAt = At },
        new CallAnswered { CallId = "a", CorrelationId = "b", At = At },
        new CallEnded { CallId = "a", At = At, Reason = EndReason.MediaTimeout, StatusCode = 487, By = 1 },
        new MediaNegotiated
        {
            CallId = "a",
            At = At,
            Version = 2,
            StartedAt = At,
            From = "sip:1000@pbx",
            Streams =
            [
                new NegotiatedStream
                {
                    Role = 1,
                    Receiver = "[2001:db8::1]:4000",
                    Formats = [new PayloadFormat { PayloadType = 8, Encoding = "PCMA", ClockRate = 8000 }],
                },
            ],
        },
    ];

    internal sealed class Recorder(Channel<object> arrived)
        : IConsumer<SipMessageCaptured>, IConsumer<CallAnswered>, IConsumer<CallEnded>, IConsumer<MediaNegotiated>, IConsumer<CallResumed>
    {
        public Task Consume(ConsumeContext<SipMessageCaptured> context) => Add(context.Message);

        public Task Consume(ConsumeContext<CallAnswered> context) => Add(context.Message);

        public Task Consume(ConsumeContext<CallEnded> context) => Add(context.Message);

        public Task Consume(ConsumeContext<MediaNegotiated> context) => Add(context.Message);

        public Task Consume(ConsumeContext<CallResumed> context) => throw new InvalidOperationException("this one can't be handled");

        private Task Add(object message) => arrived.Writer.WriteAsync(message).AsTask();
    }
}
