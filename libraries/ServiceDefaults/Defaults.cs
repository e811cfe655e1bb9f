using CallMirror.ServiceDefaults.Startup;
using CallMirror.ServiceDefaults.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace CallMirror.ServiceDefaults;

/// <summary>What every service of CallMirror has, whatever it does: logs, telemetry, health checks, a clock.</summary>
public static class Defaults
{
    /// <summary>The tag of health checks that only say whether the process works at all, for <c>/alive</c>.</summary>
    public const string LiveTag = "live";

    private const string TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z '";

    /// <summary>Adds them. Call it first: what is added first is stopped last, so telemetry sees the others stop.</summary>
    public static IHostApplicationBuilder AddServiceDefaults(this IHostApplicationBuilder builder)
    {
        AddLogging(builder.Logging);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<ServiceOutcome>();
        builder.Services.AddMetrics();
        builder.AddTelemetry();
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        return builder;
    }

    /// <summary>
    /// Adds the export of traces and metrics, for a host that has nothing else of a service.
    /// <code>{ "OTEL_EXPORTER_OTLP_ENDPOINT": "http://jaeger:4317", "CallMirror": { "Telemetry": { "BatchSampling": 200, "IncludeParties": false } } }</code>
    /// </summary>
    public static IHostApplicationBuilder AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHostedService<TelemetryExport>();
        builder.Services.AddOptions<TracingOptions>().Bind(builder.Configuration.GetSection(TracingOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        return builder;
    }

    // Standard output belongs to results (--json), so logs go to standard error.
    private static void AddLogging(ILoggingBuilder logging)
    {
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.AddSimpleConsole(line =>
        {
            line.SingleLine = true;
            line.UseUtcTimestamp = true;
            line.TimestampFormat = TimestampFormat;
        });
    }
}
