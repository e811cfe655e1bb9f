using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace CallMirror.ServiceDefaults.Prometheus;

/// <summary>Makes Prometheus' text of what OpenTelemetry's SDK has aggregated, when it is asked: the same figures that go out over OTLP.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    private static readonly List<KeyValuePair<string, object?>> NoTags = [];

    /// <summary>Has the reader collect; set by it.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>What was collected last.</summary>
    public string Text { get; private set; } = "";

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        var text = new PrometheusText();
        text.TryBegin("target_info", PrometheusType.Gauge, "What this process says of itself");
        text.Add([.. (ParentProvider?.GetResource().Attributes ?? []).Select(attribute => KeyValuePair.Create(attribute.Key, (object?)attribute.Value))], 1);
        foreach (var metric in batch)
            Write(text, metric);
        Text = text.ToString();
        return ExportResult.Success;
    }

    private static void Write(PrometheusText text, Metric metric)
    {
        var type = TypeOf(metric.MetricType);
        if (!text.TryBegin(PrometheusNames.Family(metric.Name, metric.Unit, type), type, metric.Description))
            return;
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var tags = Tags(point);
            if (type == PrometheusType.Histogram)
                text.Add(tags, Buckets(metric, point), point.GetHistogramCount(), point.GetHistogramSum());
            else
                text.Add(tags, Value(metric.MetricType, point));
        }
    }

    private static PrometheusType TypeOf(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => PrometheusType.Counter,
        MetricType.Histogram or MetricType.ExponentialHistogram => PrometheusType.Histogram,
        _ => PrometheusType.Gauge,
    };

    private static double Value(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        _ => point.GetGaugeLastValueDouble(),
    };

    private static List<(double Bound, long Count)> Buckets(Metric metric, in MetricPoint point)
    {
        List<(double, long)> buckets = [];
        if (metric.MetricType == MetricType.Histogram)
            foreach (var bucket in point.GetHistogramBuckets())
                buckets.Add((bucket.ExplicitBound, bucket.BucketCount));
        return buckets;
    }

    private static List<KeyValuePair<string, object?>> Tags(in MetricPoint point)
    {
        if (point.Tags.Count == 0)
            return NoTags;
        List<KeyValuePair<string, object?>> tags = new(point.Tags.Count);
        foreach (var tag in point.Tags)
            tags.Add(tag);
        return tags;
    }
}
