using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.InProcess;
using CallMirror.TestKit;
using CallMirror.WsGateway.Tests.Assembly;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.WsGateway.Tests.Calls;

/// <summary>Gateways in a host of their own, with the real buses of the embedded shape.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    private readonly IHost _host;

    private GatewayUnderTest(IHost host, LineLog log)
    {
        _host = host;
        Log = log;
        Bus = host.Services.GetRequiredService<InProcessMediaBus>();
    }

    public InProcessMediaBus Bus { get; }

    public bool HasNoLanes => Bus.WhenNoLanesAsync(CancellationToken.None).IsCompleted;

    public LineLog Log { get; }

    public IServiceProvider Services => _host.Services;

    public Gateway Gateway => _host.Services.GetServices<Gateway>().First();

    public static Task<GatewayUnderTest> StartAsync(Uri url, Action<WsGatewayOptions>? configure = null) => StartAsync(services =>
        services.AddWsGateway(options =>
        {
            options.Url = url.ToString();
            options.PingInterval = TimeSpan.Zero;
            configure?.Invoke(options);
        }));

    public static async Task<GatewayUnderTest> StartAsync(Action<IServiceCollection> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var log = new LineLog();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddInProcessMediaBus(WhenFull.Wait);
        add(builder.Services);
        builder.Services.AddInMemoryControlPlane();
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        return new GatewayUnderTest(host, log);
    }

    /// <summary>Opens the lane and has the gateway follow the call.</summary>
    public async Task FollowAsync(string callId = Chunks.CallId, TimeSpan later = default)
    {
        await Bus.OpenLaneAsync(Gateway.Group, Chunks.KeyOf(callId, later), TestContext.Current.CancellationToken);
        Gateway.Follow(Negotiated(callId, later: later));
    }

    /// <summary>Publishes in order, waiting where the lane is full; not for ever, so that a test which would hang fails.</summary>
    public async Task PublishAsync(IEnumerable<MediaBuffer> chunks, string callId = Chunks.CallId, TimeSpan later = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        foreach (var chunk in chunks)
            await Bus.PublishChunkAsync(Chunks.KeyOf(callId, later), chunk, limit.Token);
    }

    /// <summary>A whole call, to its end.</summary>
    public async Task PushAsync(int windows, string callId = Chunks.CallId)
    {
        await FollowAsync(callId);
        await PublishAsync(Chunks.Call(windows, callId), callId);
        await IdleAsync();
    }

    public Task IdleAsync() => Gateway.WhenIdleAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    public static MediaNegotiated Negotiated(string callId = Chunks.CallId, bool encrypted = false, TimeSpan later = default) => new()
    {
        CallId = callId,
        At = DateTimeOffset.UnixEpoch,
        StartedAt = Chunks.StartedAt + later,
        From = "sip:+49301234@pbx",
        To = "sip:1001@pbx",
        Version = 1,
        Streams = [.. Enumerable.Range(0, 2).Select(role => new NegotiatedStream { Role = role, Formats = [], Encrypted = encrypted })],
    };

    public Task StopAsync() => _host.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }
}
