using CallMirror.AllInOne.Reporting;
using CallMirror.Capture;
using CallMirror.Capture.Hearing;
using CallMirror.Capture.Sources;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.InProcess;
using CallMirror.ServiceDefaults;
using CallMirror.ServiceDefaults.Health;
using CallMirror.SipTracker;
using CallMirror.Transcoder;
using CallMirror.WsGateway;
using CallMirror.WsGateway.Joining;
using MassTransit;

namespace CallMirror.AllInOne.Embedded;

/// <summary>
/// The embedded shape: capture, sip-tracker, transcoder and gateways in one process, MassTransit in memory between them for control, and the
/// in-process media bus for audio. The services are those of the distributed shape.
/// </summary>
internal sealed class EmbeddedPipeline : IAsyncDisposable
{
    private const string ServiceName = "callmirror";

    // A listener of a file is local or was reached a moment ago; one that stays away so long is gone.
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(15);

    // Within a process a chunk is in its place, or dropped.
    private static readonly TimeSpan LateLimit = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ReportTimeout = TimeSpan.FromSeconds(10);

    private readonly IHost _host;
    private readonly CaptureLoop _capture;
    private readonly InProcessMediaBus _mediaBus;

    private EmbeddedPipeline(IHost host)
    {
        _host = host;
        _capture = host.Services.GetRequiredService<CaptureLoop>();
        _mediaBus = host.Services.GetRequiredService<InProcessMediaBus>();
        Gateways = [.. host.Services.GetServices<Gateway>()];
        Ledger = host.Services.GetRequiredService<CallLedger>();
        Mirror = host.Services.GetRequiredService<MirrorWatch>();
        ListenAddress = host.Services.GetService<JoinServer>()?.Address;
    }

    /// <summary>Where running calls can be joined; null = nowhere.</summary>
    public Uri? ListenAddress { get; }

    /// <summary>The gateways, one a listener.</summary>
    public IReadOnlyList<Gateway> Gateways { get; }

    /// <summary>What has been said of the calls.</summary>
    public CallLedger Ledger { get; }

    /// <summary>How far the source has been read, and what was dropped.</summary>
    public CaptureLoop Capture => _capture;

    /// <summary>What the interface hears.</summary>
    public MirrorWatch Mirror { get; }

    /// <summary>Its parts, for those who ask how they are.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Media messages that wait for a transcoder, and for their gateways.</summary>
    public (long Work, long Lanes) Waiting => _mediaBus.Waiting;

    /// <summary>Starts everything but the capture itself. Where packets can't wait, <see cref="Rehearsal"/> comes before.</summary>
    public static async Task<EmbeddedPipeline> StartAsync(EmbeddedOptions options, CancellationToken cancellationToken)
    {
        var host = Build(options);
        await host.StartAsync(cancellationToken);
        return new EmbeddedPipeline(host);
    }

    /// <summary>
    /// Captures until the source ends or <paramref name="stopping"/>, and delivers all audio. Returns null, or one sentence that says why a
    /// listener could not be given all of it.
    /// </summary>
    /// <exception cref="CaptureException">The source broke; what it had given has been delivered.</exception>
    public async Task<string?> RunAsync(IPacketSource source, CancellationToken stopping, CancellationToken abort)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var over = new CancellationTokenSource();
        var watching = GiveUpOnFailureAsync(giveUp, over.Token);
        try
        {
            await CaptureAndDeliverAsync(source, giveUp.Token, abort);
        }
        finally
        {
            await over.CancelAsync();
            await watching;
        }

        return Gateways.Select(gateway => gateway.FirstFailure).FirstOrDefault(failure => failure.IsCompletedSuccessfully) is { } failed ? await failed : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    private async Task CaptureAndDeliverAsync(IPacketSource source, CancellationToken stopping, CancellationToken abort)
    {
        try
        {
            await _capture.RunAsync(source, stopping, abort);
        }
        finally
        {
            await _mediaBus.WhenNoLanesAsync(abort);
            foreach (var gateway in Gateways)
                await gateway.WhenIdleAsync(abort);
            await Ledger.CloseAsync(_host.Services.GetRequiredService<IBus>(), ReportTimeout, abort);
        }
    }

    // The first listener that has to be given up ends the run: its user waits for audio that can't come.
    private async Task GiveUpOnFailureAsync(CancellationTokenSource giveUp, CancellationToken over)
    {
        try
        {
            await Task.WhenAny(Gateways.Select(gateway => gateway.FirstFailure)).WaitAsync(over);
            await giveUp.CancelAsync();
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // No listener failed.
        }
    }

    private static IHost Build(EmbeddedOptions options)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = ServiceName });
        builder.Logging.AddStderr(options.LogLevel);
        if (!options.IsRehearsal)
            AddEnvironment(builder);
        var services = builder.Services;
        services.AddSingleton<CallLedger>();
        services.AddControlEndpoint(new ControlEndpoint("callmirror.ledger", [typeof(LedgerConsumer)], Temporary: true));
        services.AddInProcessMediaBus(options.IsLive ? WhenFull.DropOldest : WhenFull.Wait);
        services.AddCapture(capture =>
        {
            options.Capture(capture);
            builder.Configuration.GetSection(CaptureOptions.Section).Bind(capture);
        });
        services.AddSipTracker(tracker =>
        {
            tracker.LaneGroups = [.. options.Listeners.Select(listener => listener.Group)];
            tracker.IsLive = options.IsLive;
            tracker.AnswerDelay = builder.Configuration.GetSection(SipTrackerExtensions.Section).GetValue<TimeSpan>(nameof(tracker.AnswerDelay));
        });
        services.AddTranscoder(transcoder => transcoder.OutputRate = options.Rate);
        foreach (var listener in options.Listeners)
            services.AddWsGateway(listener.Group, gateway => Configure(gateway, listener, options.IsLive));
        if (options.ListenPort is not null)
            services.AddJoining(join => (join.ListenPort, join.LateLimit) = (options.ListenPort, LateLimit));
        if (options.IsAsked)
            services.AddCaptureHealth().AddListenerHealth().AddToldHealth();
        services.AddInMemoryControlPlane();
        return builder.Build();
    }

    private static void AddEnvironment(HostApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection(EnvironmentSettings.Read());
        builder.AddTelemetry();
    }

    private static void Configure(WsGatewayOptions gateway, Listener listener, bool isLive)
    {
        listener.Apply(gateway);
        gateway.EndOnStop = true;
        if (isLive)
            return;
        // Nothing of a file is dropped on the way, so whatever is missing is on its way.
        gateway.LateLimit = null;
        gateway.GiveUpAfter = GiveUpAfter;
    }
}
