using System.Diagnostics.Metrics;

namespace CallMirror.Messaging.Media;

/// <summary>What the media bus counts, under the meter <c>CallMirror.Messaging</c>.</summary>
public sealed class MediaBusMetrics
{
    private static readonly InstrumentAdvice<double> ConfirmBuckets =
        new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30] };

    private readonly Counter<long> _dropped;
    private readonly Counter<long> _droppedBytes;
    private readonly Counter<long> _republished;
    private readonly Histogram<double> _confirmed;
    private Func<(int Messages, long Bytes)> _unconfirmed = () => default;
    private long _unconfirmedLimit;

    /// <summary>Creates the instruments.</summary>
    public MediaBusMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CallMirror.Messaging");
        _dropped = meter.CreateCounter<long>("callmirror.messaging.dropped", "{message}", "Media messages dropped, by queue and reason");
        _droppedBytes = meter.CreateCounter<long>(
            "callmirror.messaging.dropped.size", "By", "The bytes of those that a publisher dropped, by queue and reason");
        _republished = meter.CreateCounter<long>("callmirror.messaging.republished", "{message}", "Media messages sent again because no confirm came");
        _confirmed = meter.CreateHistogram("callmirror.messaging.confirm.duration", "s", "From sending a media message to the broker's confirm", tags: null, ConfirmBuckets);
        meter.CreateObservableGauge("callmirror.messaging.unconfirmed", () => _unconfirmed().Messages, "{message}", "Media messages that the broker has not confirmed");
        meter.CreateObservableGauge("callmirror.messaging.unconfirmed.size", () => _unconfirmed().Bytes, "By", "Memory that they take");
        meter.CreateObservableGauge("callmirror.messaging.unconfirmed.limit", () => _unconfirmedLimit, "By", "Memory that they may take");
    }

    /// <summary>A message was dropped.</summary>
    public void Dropped(string queue, string reason) =>
        _dropped.Add(1, new KeyValuePair<string, object?>("queue", queue), new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A publisher has dropped a message of so many bytes.</summary>
    public void Dropped(string queue, string reason, int bytes)
    {
        Dropped(queue, reason);
        _droppedBytes.Add(bytes, new KeyValuePair<string, object?>("queue", queue), new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>A message is sent again: its connection ended before it was confirmed.</summary>
    public void Republished(string exchange) => _republished.Add(1, new KeyValuePair<string, object?>("exchange", exchange));

    /// <summary>The broker has confirmed a message.</summary>
    public void Confirmed(string exchange, TimeSpan after) => _confirmed.Record(after.TotalSeconds, new KeyValuePair<string, object?>("exchange", exchange));

    /// <summary>Shows how many messages wait to be confirmed, and how much memory they take and may take.</summary>
    public void ObserveUnconfirmed(Func<(int Messages, long Bytes)> unconfirmed, long limitBytes) =>
        (_unconfirmed, _unconfirmedLimit) = (unconfirmed, limitBytes);
}
