using System.Diagnostics.Metrics;
using System.Text.Json;
using CallMirror.Contracts.Calls;
using CallMirror.Messaging.InProcess;
using CallMirror.TestKit;
using CallMirror.WsGateway.Joining;
using CallMirror.WsGateway.Tests.Assembly;
using CallMirror.WsGateway.Tests.Calls;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.WsGateway.Tests.Joining;

/// <summary>A host where calls can be joined, on a free port, with the real buses of the embedded shape.</summary>
internal sealed class JoinHost : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly GatewayUnderTest _host;
    private uint _sequence;

    private JoinHost(GatewayUnderTest host)
    {
        _host = host;
        Counts = new MeterCounts(host.Services.GetRequiredService<IMeterFactory>());
    }

    public MeterCounts Counts { get; }

    public InProcessMediaBus Bus => _host.Bus;

    public IServiceProvider Services => _host.Services;

    public LineLog Log => _host.Log;

    public CallDirectory Directory => _host.Services.GetRequiredService<CallDirectory>();

    public CallTaps Taps => _host.Services.GetRequiredService<CallTaps>();

    public Uri Address => _host.Services.GetRequiredService<JoinServer>().Address!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts one; the call of <see cref="Chunks"/> is up.</summary>
    public static async Task<JoinHost> StartAsync(Action<ListenOptions>? configure = null, Action<IServiceCollection>? also = null)
    {
        var host = new JoinHost(await GatewayUnderTest.StartAsync(services =>
        {
            services.AddJoining(options =>
            {
                options.ListenPort = 0;
                configure?.Invoke(options);
            });
            also?.Invoke(services);
        }));
        host.Up();
        return host;
    }

    public void Up(string callId = Chunks.CallId) => Directory.Apply(GatewayUnderTest.Negotiated(callId));

    public static Uri Of(Uri address, string role, string callId = Chunks.CallId) =>
        new(address.ToString().Replace("http", "ws", StringComparison.Ordinal) + $"v1/calls/{Uri.EscapeDataString(callId)}/{role}");

    /// <summary>Joins, and comes back when the tap is open: what is published from now on is heard.</summary>
    public async Task<JoinClient> JoinAsync(string role, string callId = Chunks.CallId, bool isSlow = false)
    {
        var client = await JoinClient.ConnectAsync(Of(Address, role, callId), isSlow);
        await Eventually.HoldsAsync(() => Counts["callmirror.gateway.join.taps"] > 0, "the tap is open");
        return client;
    }

    public async Task<JsonElement> ListAsync()
    {
        using var http = new HttpClient();
        using var json = JsonDocument.Parse(await http.GetStringAsync(new Uri(Address, "v1/calls"), Cancel));
        return json.RootElement.GetProperty("calls").Clone();
    }

    /// <summary>Publishes windows of both roles, the next ones of the call.</summary>
    public async Task PublishAsync(int windows)
    {
        for (int i = 0; i < windows; i++)
        {
            long from = _sequence * (long)Chunks.Window;
            await PublishAsync(Section.Audio(0, from, from + Chunks.Window), Section.Audio(1, from, from + Chunks.Window));
        }
    }

    /// <summary>Publishes the next chunk of the call.</summary>
    public async Task PublishAsync(params Section[] sections)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Limit);
        await Bus.PublishChunkAsync(Chunks.Key, Chunks.Write(_sequence, Chunks.CapturedAt(_sequence), sections), limit.Token);
        _sequence++;
    }

    /// <summary>The next chunks are missing.</summary>
    public void Miss(uint windows) => _sequence += windows;

    /// <summary>Ends both roles where they are.</summary>
    public Task EndAsync(EndReason reason = EndReason.Bye)
    {
        long end = _sequence * (long)Chunks.Window;
        return PublishAsync(new Section(0, end) { Marks = [Chunks.End(end, reason)] }, new Section(1, end) { Marks = [Chunks.End(end, reason)] });
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Counts.Dispose();
        await _host.DisposeAsync();
    }
}
