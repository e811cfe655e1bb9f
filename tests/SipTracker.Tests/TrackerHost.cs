using System.Diagnostics.Metrics;
using System.Threading.Channels;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.InProcess;
using CallMirror.Messaging.Media;
using CallMirror.TestKit;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.SipTracker.Tests;

/// <summary>A host with sip-tracker on MassTransit's in-memory transport and the in-process media bus, and somebody who listens to all it says.</summary>
internal sealed class TrackerHost : IAsyncDisposable
{
    private readonly MeterCounts _counts;
    private readonly IHost _host;

    private TrackerHost(Action<SipTrackerOptions>? configure, Action<IServiceCollection>? also)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders().AddProvider(Log);
        builder.Services.AddMetrics().AddSingleton<MediaBusMetrics>().AddSingleton<InProcessMediaBus>();
        builder.Services.AddSingleton<IMediaBus>(services => services.GetRequiredService<InProcessMediaBus>());
        builder.Services.AddSingleton<Heard>().AddControlEndpoint(new ControlEndpoint("test.ear", [typeof(Ear)], Temporary: true));
        also?.Invoke(builder.Services);
        builder.Services.AddSipTracker(configure).AddInMemoryControlPlane();
        _host = builder.Build();
        _counts = new MeterCounts(_host.Services.GetRequiredService<IMeterFactory>());
    }

    public LineLog Log { get; } = new();

    public IServiceProvider Services => _host.Services;

    public InProcessMediaBus Media => _host.Services.GetRequiredService<InProcessMediaBus>();

    public static async Task<TrackerHost> StartAsync(Action<SipTrackerOptions>? configure = null, Action<IServiceCollection>? also = null)
    {
        var host = new TrackerHost(configure, also);
        await host._host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>Sends messages, the last with a request for an answer, and returns all that was published up to that answer.</summary>
    public async Task<IReadOnlyList<(object Message, bool HasLane)>> TakeAsync(params IEnumerable<SipMessageCaptured> messages)
    {
        var bus = _host.Services.GetRequiredService<IBus>();
        List<SipMessageCaptured> all = [.. messages];
        for (int i = 0; i < all.Count; i++)
            await bus.Publish(all[i] with { AnswerRequested = i == all.Count - 1 }, TestContext.Current.CancellationToken);
        return await UntilAnswerAsync(all[^1].Sequence);
    }

    /// <summary>Sends messages, and asks for no answer.</summary>
    public async Task SendAsync(IEnumerable<SipMessageCaptured> messages)
    {
        foreach (var message in messages)
            await _host.Services.GetRequiredService<IBus>().Publish(message, TestContext.Current.CancellationToken);
    }

    /// <summary>Tells of media that was found, and returns all that was published up to the answer.</summary>
    public async Task<IReadOnlyList<(object Message, bool HasLane)>> TakeAsync(MediaFound found)
    {
        await _host.Services.GetRequiredService<IBus>().Publish(found with { AnswerRequested = true }, TestContext.Current.CancellationToken);
        return await UntilAnswerAsync(found.Sequence);
    }

    /// <summary>Publishes what another service would.</summary>
    public Task TellAsync(CallEnded ended) => _host.Services.GetRequiredService<IBus>().Publish(ended, TestContext.Current.CancellationToken);

    /// <inheritdoc cref="TellAsync(CallEnded)"/>
    public Task TellAsync(MediaRunning running) => _host.Services.GetRequiredService<IBus>().Publish(running, TestContext.Current.CancellationToken);

    /// <summary>Asks for the calls that are up; the answer is heard like all else.</summary>
    public Task AskAsync(params string[] events) => _host.Services.GetRequiredService<IBus>().Publish(
        new ActiveCallsRequested { ReplyTo = "test.ear", Events = events }, TestContext.Current.CancellationToken);

    /// <summary>The next message published, while something else goes on.</summary>
    public async Task<object> NextAsync(Action meanwhile)
    {
        var reader = _host.Services.GetRequiredService<Heard>().Channel.Reader;
        while (true)
        {
            if (reader.TryRead(out var next))
                return next.Message;
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            meanwhile();
            await Task.Yield();
        }
    }

    /// <summary>Waits until so many messages have been taken, and what follows from them is in the outbox.</summary>
    public async Task TakenAsync(int messages)
    {
        while (Counted("callmirror.sip_tracker.messages changed") + Counted("callmirror.sip_tracker.messages unchanged") < messages)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        // It takes its turn behind the last of them.
        await _host.Services.GetRequiredService<TrackedCalls>().SaveFailureAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What has been heard and nobody has looked at.</summary>
    public int Unread => _host.Services.GetRequiredService<Heard>().Channel.Reader.Count;

    /// <summary>What a counter stands at, all its tags named after it.</summary>
    public long Counted(string counter) => _counts[counter];

    /// <summary>What an observable instrument shows now.</summary>
    public double Shown(string instrument) => _counts.Observe()[instrument];

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _counts.Dispose();
        _host.Dispose();
    }

    private async Task<List<(object Message, bool HasLane)>> UntilAnswerAsync(long sequence)
    {
        var heard = new List<(object, bool)>();
        await foreach (var next in _host.Services.GetRequiredService<Heard>().Channel.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            heard.Add(next);
            if (next.Message is SipMessageHandled handled && handled.Sequence == sequence)
                break;
        }

        return heard;
    }
}

/// <summary>All that was published, and whether a lane was open when it arrived.</summary>
internal sealed class Heard
{
    public Channel<(object Message, bool HasLane)> Channel { get; } = System.Threading.Channels.Channel.CreateUnbounded<(object, bool)>();
}

internal sealed class Ear(Heard heard, InProcessMediaBus media) :
    IConsumer<CallStarted>, IConsumer<CallAnswered>, IConsumer<MediaNegotiated>, IConsumer<CallHeld>, IConsumer<CallResumed>, IConsumer<CallEnded>,
    IConsumer<SipMessageHandled>
{
    public Task Consume(ConsumeContext<CallStarted> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<CallAnswered> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<MediaNegotiated> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<CallHeld> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<CallResumed> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<CallEnded> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<SipMessageHandled> context) => Hear(context.Message);

    private Task Hear(object message) => heard.Channel.Writer.WriteAsync((message, !media.WhenNoLanesAsync(CancellationToken.None).IsCompleted)).AsTask();
}
