using System.Diagnostics.Metrics;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway;

/// <summary>What the gateways of a process count, under the meter <c>CallMirror.WsGateway</c>.</summary>
internal sealed class GatewayMetrics
{
    // A file that is played is as old as it is: only what is captured now has a latency.
    private static readonly TimeSpan OldestLive = TimeSpan.FromHours(1);

    private static readonly InstrumentAdvice<double> LatencyBuckets =
        new() { HistogramBucketBoundaries = [0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2, 5, 10, 30, 60, 300] };

    private readonly List<Gateway> _gateways = [];
    private readonly Histogram<double> _latency;
    private readonly Counter<long> _streams;
    private readonly Counter<long> _frames;
    private readonly Counter<long> _samplesLost;
    private readonly Counter<long> _reconnects;
    private readonly Counter<long> _chunksDropped;
    private readonly Counter<long> _waitsGivenUp;
    private readonly Counter<long> _callsRefused;
    private readonly Counter<long> _textsIgnored;
    private readonly UpDownCounter<long> _calls;

    public GatewayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CallMirror.WsGateway");
        _streams = meter.CreateCounter<long>("callmirror.gateway.streams", "{stream}", "Streams that ended, by outcome");
        _frames = meter.CreateCounter<long>("callmirror.gateway.frames", "{frame}", "Frames of 20 ms handed to listeners");
        _samplesLost = meter.CreateCounter<long>("callmirror.gateway.samples.lost", "{sample}", "Samples that became silence, by reason");
        _reconnects = meter.CreateCounter<long>("callmirror.gateway.connections.lost", "{connection}", "Connections lost or not made, by reason");
        _chunksDropped = meter.CreateCounter<long>("callmirror.gateway.chunks.dropped", "{chunk}", "Chunks dropped, by reason");
        _waitsGivenUp = meter.CreateCounter<long>("callmirror.gateway.waits.given.up", "{chunk}", "Chunks that did not wait on, as too much waited, by reason");
        _callsRefused = meter.CreateCounter<long>("callmirror.gateway.calls.refused", "{call}", "Calls not followed, by reason");
        _textsIgnored = meter.CreateCounter<long>("callmirror.gateway.texts.ignored", "{message}", "Messages from listeners ignored, by reason");
        _calls = meter.CreateUpDownCounter<long>("callmirror.gateway.calls", "{call}", "Calls followed");
        _latency = meter.CreateHistogram("callmirror.gateway.latency", "s", "From a packet's capture to when its frame was handed to the listener's socket", tags: null, LatencyBuckets);
        meter.CreateObservableUpDownCounter("callmirror.gateway.lanes", Lanes, "{lane}", "Lanes of the calls followed, by state");
        meter.CreateObservableUpDownCounter("callmirror.gateway.streams.active", () => Sum(census => census.Streams), "{stream}", "Streams of the calls followed that have begun");
        meter.CreateObservableUpDownCounter("callmirror.gateway.connections", Connections, "{connection}", "WebSocket connections, by state");
    }

    /// <summary>Shows what a gateway has.</summary>
    public void Watch(Gateway gateway)
    {
        lock (_gateways)
            _gateways.Add(gateway);
    }

    /// <summary>A frame was handed to the listener's socket.</summary>
    public void Delivered(TimeSpan latency)
    {
        if (latency.Duration() < OldestLive)
            _latency.Record(Math.Max(0, latency.TotalSeconds));
    }

    public void CallFollowed() => _calls.Add(1);

    public void CallLeft() => _calls.Add(-1);

    public void CallRefused(string reason) => _callsRefused.Add(1, Reason(reason));

    public void StreamEnded(bool failed) => _streams.Add(1, new KeyValuePair<string, object?>("outcome", failed ? "failed" : "complete"));

    public void FramesSent(long count) => _frames.Add(count);

    public void SamplesLost(long samples, string reason) => _samplesLost.Add(samples, Reason(reason));

    public void ConnectionLost(bool connected) => _reconnects.Add(1, Reason(connected ? "lost" : "not-made"));

    public void ChunksDropped(long count, string reason) => _chunksDropped.Add(count, Reason(reason));

    public void WaitsGivenUp(long chunks, string reason) => _waitsGivenUp.Add(chunks, Reason(reason));

    public void ListenerTextIgnored(string reason) => _textsIgnored.Add(1, Reason(reason));

    /// <summary>A start was not answered: at most once by a plain listener.</summary>
    public void AckMissed() => _textsIgnored.Add(1, Reason("ack-missed"));

    private IEnumerable<Measurement<long>> Lanes() =>
        [InState(Sum(census => census.Owned), "owner"), InState(Sum(census => census.StandingBy), "standby")];

    private IEnumerable<Measurement<long>> Connections() =>
    [
        InState(Sum(census => census[ConnectionState.Connecting]), "connecting"),
        InState(Sum(census => census[ConnectionState.Open]), "open"),
        InState(Sum(census => census[ConnectionState.Waiting]), "waiting"),
    ];

    private long Sum(Func<GatewayCensus, long> part)
    {
        lock (_gateways)
            return _gateways.Sum(gateway => part(gateway.Count()));
    }

    private static Measurement<long> InState(long value, string state) => new(value, new KeyValuePair<string, object?>("state", state));

    private static KeyValuePair<string, object?> Reason(string reason) => new("reason", reason);
}
