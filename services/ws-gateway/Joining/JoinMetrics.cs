using System.Diagnostics.Metrics;

namespace CallMirror.WsGateway.Joining;

/// <summary>What is counted of those who join running calls, under the meter <c>CallMirror.WsGateway</c>.</summary>
internal sealed class JoinMetrics
{
    private readonly UpDownCounter<long> _listeners;
    private readonly UpDownCounter<long> _taps;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _left;
    private readonly Counter<long> _samplesLost;
    private readonly Counter<long> _chunksDropped;
    private readonly Counter<long> _textsDropped;
    private readonly Counter<long> _forgotten;

    public JoinMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CallMirror.WsGateway");
        _listeners = meter.CreateUpDownCounter<long>("callmirror.gateway.join.listeners", "{listener}", "Listeners that have joined a running call");
        _taps = meter.CreateUpDownCounter<long>("callmirror.gateway.join.taps", "{tap}", "Calls that somebody has joined");
        _refused = meter.CreateCounter<long>("callmirror.gateway.join.refused", "{request}", "Requests refused, by HTTP status");
        _left = meter.CreateCounter<long>("callmirror.gateway.join.left", "{listener}", "Listeners that left, by reason");
        _samplesLost = meter.CreateCounter<long>("callmirror.gateway.join.samples.lost", "{sample}", "Samples that became silence for a listener, by reason");
        _chunksDropped = meter.CreateCounter<long>("callmirror.gateway.join.chunks.dropped", "{chunk}", "Chunks of tapped calls dropped, by reason");
        _textsDropped = meter.CreateCounter<long>("callmirror.gateway.join.texts.dropped", "{message}", "Events dropped as too many waited for a listener");
        _forgotten = meter.CreateCounter<long>("callmirror.gateway.join.calls.forgotten", "{call}", "Calls that are no longer listed, as there are too many");
    }

    public void Joined() => _listeners.Add(1);

    public void Left(string reason)
    {
        _listeners.Add(-1);
        _left.Add(1, Reason(reason));
    }

    public void TapOpened() => _taps.Add(1);

    public void TapClosed() => _taps.Add(-1);

    public void Refused(int status) => _refused.Add(1, new KeyValuePair<string, object?>("status", status));

    public void SamplesLost(long samples, string reason) => _samplesLost.Add(samples, Reason(reason));

    public void ChunkDropped(string reason) => _chunksDropped.Add(1, Reason(reason));

    public void TextDropped() => _textsDropped.Add(1);

    public void CallForgotten() => _forgotten.Add(1);

    private static KeyValuePair<string, object?> Reason(string reason) => new("reason", reason);
}
