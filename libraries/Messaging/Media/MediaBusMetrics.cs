using System.Diagnostics.Metrics;

namespace CallMirror.Messaging.Media;

/// <summary>What the media bus counts, under the meter <c>CallMirror.Messaging</c>.</summary>
public sealed class MediaBusMetrics
{
    private readonly Counter<long> _dropped;

    /// <summary>Creates the instruments.</summary>
    public MediaBusMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CallMirror.Messaging");
        _dropped = meter.CreateCounter<long>("callmirror.messaging.dropped", "{message}", "Media messages dropped, by queue and reason");
    }

    /// <summary>A message was dropped.</summary>
    public void Dropped(string queue, string reason) =>
        _dropped.Add(1, new KeyValuePair<string, object?>("queue", queue), new KeyValuePair<string, object?>("reason", reason));
}
