using System.Diagnostics;
using System.Threading.Channels;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Control;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.Messaging.Tests.Control;

/// <summary>A capture that reads a file waits for sip-tracker's answer to each SIP message, some thousands in a big file.</summary>
public sealed class RoundTripTests(ITestOutputHelper output)
{
    private const int WarmUp = 500;
    private const int Measured = 1000;

    [Fact]
    public async Task An_answer_comes_back_at_once()
    {
        var answers = Channel.CreateUnbounded<SipMessageHandled>();
        await using var host = await ControlHost.StartAsync(
            services => services.AddSingleton(answers)
                .AddControlEndpoint(new ControlEndpoint("tracker", [typeof(Tracker)], Temporary: false))
                .AddControlEndpoint(new ControlEndpoint("capture", [typeof(Capture)], Temporary: true)));
        var bus = host.Bus;
        long[] times = new long[WarmUp + Measured];
        for (int i = 0; i < times.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await bus.Publish(Messages.Captured("call", i), TestContext.Current.CancellationToken);
            Assert.Equal(i, (await answers.Reader.ReadAsync(TestContext.Current.CancellationToken)).Sequence);
            times[i] = Stopwatch.GetTimestamp() - start;
        }

        double median = Microseconds(times[WarmUp..].Order().ElementAt(Measured / 2));
        output.WriteLine($"round trip: median {median:F0} µs, mean {Microseconds(times[WarmUp..].Sum() / Measured):F0} µs, worst {Microseconds(times[WarmUp..].Max()):F0} µs");
        // Ten times what it takes on a quiet machine; a wait somewhere in between would be far above.
        Assert.InRange(median, 0, 5000);
    }

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;

    internal sealed class Tracker : IConsumer<SipMessageCaptured>
    {
        public Task Consume(ConsumeContext<SipMessageCaptured> context) =>
            context.Publish(Messages.Handled(context.Message), context.CancellationToken);
    }

    internal sealed class Capture(Channel<SipMessageHandled> answers) : IConsumer<SipMessageHandled>
    {
        public Task Consume(ConsumeContext<SipMessageHandled> context) =>
            answers.Writer.WriteAsync(context.Message, context.CancellationToken).AsTask();
    }
}
