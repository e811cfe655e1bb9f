using CallMirror.AllInOne.Processes;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>What <c>/metrics</c> of running services shows, each family of ours as docs/metrics.md says.</summary>
internal sealed class ScrapedMetrics
{
    private const string OfDotNet = "dotnet_";

    private readonly Dictionary<string, MetricsRow> _rows = MetricsTable.Read().ToDictionary(row => row.Prometheus);
    private readonly Dictionary<string, IReadOnlyDictionary<string, ExpositionFamily>> _shown = [];

    public async Task ScrapeAsync(ServiceChild service)
    {
        _shown[service.Name] = await ServiceFleet.MetricsAsync(service);
        Assert.True(Sum(service, "dotnet_process_memory_working_set_bytes") > 10_000_000);
        Assert.All(_shown[service.Name].Values.Where(family => family.Name != "target_info" && !family.Name.StartsWith(OfDotNet, StringComparison.Ordinal)), IsAsDocumented);
    }

    /// <summary>A call of ten seconds, bridged, has gone through them in real time: two calls, four streams, 500 packets each.</summary>
    public void AreThoseOfACall(ServiceChild capture, ServiceChild tracker, ServiceChild transcoder, ServiceChild gateway, ServiceChild sink)
    {
        Assert.True(Sum(capture, "callmirror_capture_packets_total", label: ("kind", "rtp")) > 1500);
        Assert.True(Sum(capture, "callmirror_capture_packets_total", label: ("kind", "sip")) > 10);
        // Of each call a message a window; on a busy machine windows grow to 0.3 s.
        Assert.InRange(Sum(capture, "callmirror_capture_window_seconds"), 0.1, 0.3);
        Assert.True(Sum(capture, "callmirror_messaging_confirm_duration_seconds", "_count") > 2 * 30);
        Assert.True(Sum(tracker, "callmirror_sip_tracker_messages_total", label: ("outcome", "changed")) >= 6);
        Assert.True(Sum(tracker, "callmirror_sip_tracker_handling_duration_seconds", "_count") > 10);
        Assert.True(Sum(transcoder, "callmirror_transcoder_samples_total") > 480_000);
        Assert.True(Sum(sink, "callmirror_sink_received_bytes_total") > 960_000);
        Assert.True(Sum(sink, "callmirror_sink_acks_total") > 8);
        double frames = Sum(gateway, "callmirror_gateway_latency_seconds", "_count");
        Assert.InRange(frames, 1500, Sum(gateway, "callmirror_gateway_frames_total"));
        Assert.InRange(Sum(gateway, "callmirror_gateway_latency_seconds", "_sum") / frames, 0.02, 30);
    }

    private double Sum(ServiceChild service, string family, string suffix = "", (string, string)? label = null) => _shown[service.Name][family].Sum(suffix, label);

    private void IsAsDocumented(ExpositionFamily family)
    {
        Assert.True(_rows.TryGetValue(family.Name, out var row), $"{family.Name} is not in docs/metrics.md");
        Assert.Equal(row.Kind, family.Type);
        Assert.All(family.Samples, sample => Assert.Equal(row.Tags.Order(), sample.Labels.Keys.Where(label => label != "le").Order()));
    }
}
