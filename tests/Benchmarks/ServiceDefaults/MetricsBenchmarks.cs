using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using CallMirror.ServiceDefaults.Prometheus;
using CallMirror.ServiceDefaults.Telemetry;
using CallMirror.WsGateway;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CallMirror.Benchmarks.ServiceDefaults;

/// <summary>What a metric costs: a frame's latency, a counter with a tag, and the answer to one scrape of a gateway that has used all of its instruments.</summary>
[MemoryDiagnoser]
public class MetricsBenchmarks
{
    private static readonly TimeSpan Latency = TimeSpan.FromMilliseconds(120);

    private readonly MetricsScrape _scrape = new();
    private ServiceProvider _services = null!;
    private GatewayMetrics _metrics = null!;
    private MeterProvider? _provider;

    [GlobalSetup]
    public void Start()
    {
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _metrics = new GatewayMetrics(_services.GetRequiredService<IMeterFactory>());
        _provider = Sdk.CreateMeterProviderBuilder().AddMeter(TelemetryExport.OwnNames).AddReader(_scrape.NewReader()).Build();
        _metrics.CallFollowed();
        _metrics.CallRefused("too-many-calls");
        _metrics.StreamEnded(failed: false);
        _metrics.FramesSent(1);
        _metrics.ConnectionLost(connected: true);
        _metrics.ChunksDropped(1, "seen-before");
        _metrics.WaitsGivenUp(1, "slower-source");
        _metrics.AckMissed();
    }

    [GlobalCleanup]
    public void Stop()
    {
        _provider?.Dispose();
        _services.Dispose();
    }

    [Benchmark]
    public void FrameDelivered() => _metrics.Delivered(Latency);

    [Benchmark]
    public void SamplesLost() => _metrics.SamplesLost(1, "no-longer-kept");

    [Benchmark]
    public string? Scrape() => _scrape.Take();
}
