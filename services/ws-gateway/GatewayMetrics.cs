using System.Diagnostics.Metrics;

namespace CallMirror.WsGateway;

/// <summary>What the gateways of a process count, under the meter <c>CallMirror.WsGateway</c>.</summary>
internal sealed class GatewayMetrics
{
    private readonly Counter<long> streams;
    private readonly Counter<long> frames;
    private readonly Counter<long> samplesLost;
    private readonly Counter<long> reconnects;
    private readonly Counter<long> chunksDropped;
    private readonly Counter<long> callsRefused;
    private readonly Counter<long> textsIgnored;
    private readonly UpDownCounter<long> calls;

    public GatewayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CallMirror.WsGateway");
        streams = meter.CreateCounter<long>("callmirror.gateway.streams", "{stream}", "Streams that ended, by outcome");
        frames = meter.CreateCounter<long>("callmirror.gateway.frames", "{frame}", "Frames of 20 ms handed to listeners");
        samplesLost = meter.CreateCounter<long>("callmirror.gateway.samples.lost", "{sample}", "Samples that became silence, by reason");
        reconnects = meter.CreateCounter<long>("callmirror.gateway.connections.lost", "{connection}", "Connections lost or not made, by reason");
        chunksDropped = meter.CreateCounter<long>("callmirror.gateway.chunks.dropped", "{chunk}", "Chunks dropped, by reason");
        callsRefused = meter.CreateCounter<long>("callmirror.gateway.calls.refused", "{call}", "Calls not followed, by reason");
        textsIgnored = meter.CreateCounter<long>("callmirror.gateway.texts.ignored", "{message}", "Messages from listeners ignored, by reason");
        calls = meter.CreateUpDownCounter<long>("callmirror.gateway.calls", "{call}", "Calls followed");
    }

    public void CallFollowed() => calls.Add(1);

    public void CallLeft() => calls.Add(-1);

    public void CallRefused(string reason) => callsRefused.Add(1, Reason(reason));

    public void StreamEnded(bool failed) => streams.Add(1, new KeyValuePair<string, object?>("outcome", failed ? "failed" : "complete"));

    public void FramesSent(long count) => frames.Add(count);

    public void SamplesLost(long samples, string reason) => samplesLost.Add(samples, Reason(reason));

    public void ConnectionLost(bool connected) => reconnects.Add(1, Reason(connected ? "lost" : "not-made"));

    public void ChunksDropped(long count, string reason) => chunksDropped.Add(count, Reason(reason));

    public void ListenerTextIgnored(string reason) => textsIgnored.Add(1, Reason(reason));

    /// <summary>A start was not answered: at most once by a plain listener.</summary>
    public void AckMissed() => textsIgnored.Add(1, Reason("ack-missed"));

    private static KeyValuePair<string, object?> Reason(string reason) => new("reason", reason);
}
