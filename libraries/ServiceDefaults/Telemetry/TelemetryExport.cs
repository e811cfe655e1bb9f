using System.Reflection;
using CallMirror.ServiceDefaults.Prometheus;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CallMirror.ServiceDefaults.Telemetry;

/// <summary>
/// Exports traces and metrics over OTLP while the host runs, where <see cref="EndpointVariable"/> is set, and shows metrics to whoever scrapes them, where
/// there is a <see cref="MetricsScrape"/>. When the host stops, what is still pending is sent.
/// </summary>
internal sealed class TelemetryExport(IConfiguration configuration, IHostEnvironment environment, MetricsScrape? scrape = null) : IHostedService, IDisposable
{
    /// <summary>OpenTelemetry's own name for where telemetry goes; not set, nothing is exported.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>All meters and activity sources of CallMirror.</summary>
    public const string OwnNames = "CallMirror.*";

    /// <summary>The meter of .NET itself: memory, garbage collection, thread pool, processor time of the process.</summary>
    public const string RuntimeName = "System.Runtime";

    private OpenTelemetrySdk? _sdk;

    public bool IsOn => _sdk is not null;

    private bool Exports => !string.IsNullOrWhiteSpace(configuration[EndpointVariable]);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Exports || scrape is not null)
            _sdk = OpenTelemetrySdk.Create(Configure);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _sdk?.Dispose();
        _sdk = null;
    }

    private void Configure(IOpenTelemetryBuilder telemetry)
    {
        // With the host's configuration in it, the exporter reads its OTEL_* settings from where all others come, not from the environment alone.
        telemetry.Services.AddSingleton(configuration);
        telemetry
            .ConfigureResource(resource => resource.AddService(environment.ApplicationName, serviceVersion: Version()).AddEnvironmentVariableDetector())
            .WithMetrics(Configure);
        if (Exports)
            telemetry.WithTracing(tracing => tracing.AddSource(OwnNames).AddOtlpExporter());
    }

    private void Configure(MeterProviderBuilder metrics)
    {
        metrics.AddMeter(OwnNames, RuntimeName);
        if (Exports)
            metrics.AddOtlpExporter();
        if (scrape is not null)
            metrics.AddReader(scrape.NewReader());
    }

    private static string? Version() =>
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
}
