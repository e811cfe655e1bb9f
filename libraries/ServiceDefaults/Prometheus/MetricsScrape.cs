using OpenTelemetry.Metrics;

namespace CallMirror.ServiceDefaults.Prometheus;

/// <summary>What whoever scrapes gets: the metrics of the process at this moment. Nothing is collected while nobody asks.</summary>
internal sealed class MetricsScrape
{
    private static readonly TimeSpan CollectTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _turn = new();
    private Func<string?>? _collect;

    /// <summary>The reader through which it sees the metrics of an OpenTelemetry provider, which owns it.</summary>
    public MetricReader NewReader()
    {
        var exporter = new PrometheusExporter();
        var reader = new BaseExportingMetricReader(exporter) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative };
        // The reader takes its hand off the exporter when it goes.
        _collect = () => exporter.Collect is { } collect && collect((int)CollectTimeout.TotalMilliseconds) ? exporter.Text : null;
        return reader;
    }

    /// <summary>The text of now; null before the provider is there, and after it has gone.</summary>
    public string? Take()
    {
        lock (_turn)
            return _collect?.Invoke();
    }
}
