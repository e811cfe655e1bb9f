using System.Diagnostics.Metrics;
using CallMirror.Capture.Control;
using CallMirror.Capture.Hearing;
using CallMirror.Capture.Sources;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.InProcess;
using CallMirror.Messaging.Media;
using CallMirror.TestKit;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.Capture.Tests;

/// <summary>Capture in a host with the real control plane and media bus in memory, a clock that stands still, and a tracker that knows one call.</summary>
internal sealed class CaptureHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly ManualTimeProvider _clock = new();
    private readonly TaskCompletionSource<StreamQuality> _quality = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CaptureHost(bool answers, Action<CaptureOptions>? configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var services = builder.Services;
        services.AddSingleton<TimeProvider>(_clock);
        services.AddLogging(logging => logging.AddProvider(Log)).AddMetrics().AddSingleton<MediaBusMetrics>().AddSingleton<IMediaBus, InProcessMediaBus>();
        services.AddCapture(options =>
        {
            // Its clock stands still: nobody would ever have waited long enough.
            options.LastAnswersWithin = TimeSpan.Zero;
            configure?.Invoke(options);
        });
        services.AddSingleton(_quality);
        services.AddControlEndpoint(new ControlEndpoint("test.quality", [typeof(QualityConsumer)], Temporary: true));
        if (answers)
            services.AddControlEndpoint(new ControlEndpoint("test.tracker", [typeof(OneCallTracker)], Temporary: true));
        services.AddInMemoryControlPlane();
        _host = builder.Build();
    }

    public LineLog Log { get; } = new();

    public IMeterFactory Meters => _host.Services.GetRequiredService<IMeterFactory>();

    public MirrorWatch Mirror => _host.Services.GetRequiredService<MirrorWatch>();

    public CaptureLoop Loop => _host.Services.GetRequiredService<CaptureLoop>();

    public static async Task<CaptureHost> StartAsync(bool answers, Action<CaptureOptions>? configure = null)
    {
        var host = new CaptureHost(answers, configure);
        await host._host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>What its clock shows.</summary>
    public DateTimeOffset Now => _clock.GetUtcNow();

    public static MediaNegotiated Negotiated(DateTimeOffset at) => new()
    {
        CallId = Line.CallId,
        At = at,
        StartedAt = at,
        Version = 1,
        Streams =
        [
            new() { Role = 0, Sender = Line.Caller.ToString(), Receiver = Line.Pbx.ToString(), Formats = [] },
            new() { Role = 1, Sender = Line.Pbx.ToString(), Receiver = Line.Caller.ToString(), Formats = [] },
        ],
    };

    public Task RunAsync(IPacketSource source, CancellationTokenSource? stopping = null) =>
        Loop.RunAsync(source, stopping?.Token ?? CancellationToken.None, TestContext.Current.CancellationToken);

    /// <summary>Puts a message where sip-tracker's arrive.</summary>
    public ValueTask TellAsync(object message) =>
        _host.Services.GetRequiredService<CaptureInbox>().PutAsync(message, TestContext.Current.CancellationToken);

    /// <summary>Lets time pass.</summary>
    public void Pass(TimeSpan span) => _clock.Advance(span);

    /// <summary>Lets time pass as soon as somebody waits for it.</summary>
    public async Task PassAsync(TimeSpan span, Task unlessEnded)
    {
        while (_clock.TimerCount == 0 && !unlessEnded.IsCompleted)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        _clock.Advance(span);
    }

    public Task<StreamQuality> QualityAsync() => _quality.Task.WaitAsync(TestContext.Current.CancellationToken);

    /// <summary>All that the bus was given of the call, up to its end.</summary>
    public async Task<List<Section>> ReadCallAsync()
    {
        await using var consumer = await _host.Services.GetRequiredService<IMediaBus>().ConsumeBatchesAsync(TestContext.Current.CancellationToken);
        List<Section> sections = [];
        while (sections is not [.., { Marks: [.., { Kind: MarkKind.End }] }])
        {
            var delivery = await consumer.ReadAsync(TestContext.Current.CancellationToken);
            Assert.NotNull(delivery);
            Take(delivery.Body.Span, sections);
            await consumer.AcknowledgeAsync(delivery, TestContext.Current.CancellationToken);
        }

        return sections;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    private static void Take(ReadOnlySpan<byte> body, List<Section> sections)
    {
        Assert.True(MediaMessage.TryParse(body, out var message, out _));
        foreach (var section in message)
            sections.Add(Section.Read(message.CallId, message.Header.Sequence, section));
    }

    /// <summary>Says of every INVITE that its call's media is negotiated, of every BYE that it is over, and answers.</summary>
    private sealed class OneCallTracker : IConsumer<SipMessageCaptured>
    {
        public async Task Consume(ConsumeContext<SipMessageCaptured> context)
        {
            var sip = context.Message;
            if (sip.Payload.AsSpan().StartsWith("INVITE"u8))
                await context.Publish(Negotiated(sip.CapturedAt), context.CancellationToken);
            else
                await context.Publish(new CallEnded { CallId = sip.CallId, At = sip.CapturedAt, Reason = EndReason.Bye }, context.CancellationToken);
            await context.Publish(
                new SipMessageHandled { CaptureId = sip.CaptureId, Sequence = sip.Sequence, CallId = sip.CallId }, context.CancellationToken);
        }
    }

    private sealed class QualityConsumer(TaskCompletionSource<StreamQuality> quality) : IConsumer<StreamQuality>
    {
        public Task Consume(ConsumeContext<StreamQuality> context)
        {
            // As every event of a call does.
            if (context.Headers.Get<string>("traceparent") is { Length: 55 })
                quality.TrySetResult(context.Message);
            else
                quality.TrySetException(new InvalidDataException("the figures came without a trace context"));
            return Task.CompletedTask;
        }
    }
}
