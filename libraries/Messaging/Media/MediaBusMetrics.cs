using System.Diagnostics.Metrics;

namespace CallMirror.Messaging.Media;

/// <summary>What the media bus counts, under the meter <c>CallMirror.Messaging</c>.</summary>
public sealed class MediaBusMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _republished;
    private readonly Histogram<double> _confirmed;

    /// <summary>Creates the instruments.</summary>
    public MediaBusMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("CallMirror.Messaging");
        _dropped = _meter.CreateCounter<long>("callmirror.messaging.dropped", "{message}", "Media messages dropped, by queue and reason");
        _republished = _meter.CreateCounter<long>("callmirror.messaging.republished", "{message}", "Media messages sent again because no confirm came");
        _confirmed = _meter.CreateHistogram<double>("callmirror.messaging.confirm.duration", "s", "From sending a media message to the broker's confirm");
    }

    /// <summary>A message was dropped.</summary>
    public void Dropped(string queue, string reason) =>
        _dropped.Add(1, new KeyValuePair<string, object?>("queue", queue), new KeyValuePair<string, object?>("reason", reason));

    /// <summary>A message is sent again: its connection ended before it was confirmed.</summary>
    public void Republished(string exchange) => _republished.Add(1, new KeyValuePair<string, object?>("exchange", exchange));

    /// <summary>The broker has confirmed a message.</summary>
    public void Confirmed(string exchange, TimeSpan after) => _confirmed.Record(after.TotalSeconds, new KeyValuePair<string, object?>("exchange", exchange));

    /// <summary>Shows how many messages wait to be confirmed.</summary>
    public void ObserveUnconfirmed(Func<int> count) =>
        _meter.CreateObservableGauge("callmirror.messaging.unconfirmed", count, "{message}", "Media messages that the broker has not confirmed");
}
