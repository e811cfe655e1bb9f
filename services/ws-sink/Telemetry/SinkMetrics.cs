using System.Diagnostics.Metrics;
using CallMirror.Contracts.Calls;
using CallMirror.WsSink.Calls;
using CallMirror.WsSink.Protocol;

namespace CallMirror.WsSink.Telemetry;

/// <summary>What the sink counts, and the sums that its snapshot shows.</summary>
internal sealed class SinkMetrics
{
    public const string MeterName = "CallMirror.WsSink";

    private readonly UpDownCounter<long> connections;
    private readonly Counter<long> streamsStarted;
    private readonly Counter<long> streamsEnded;
    private readonly Counter<long> samplesStored;
    private readonly Counter<long> samplesFilled;
    private readonly Counter<long> samplesRepeated;
    private readonly Counter<long> eventsDropped;
    private readonly Counter<long> framesUnknown;
    private readonly Counter<long> refusals;
    private readonly Histogram<double> finishDuration;
    private long stored;
    private long refused;

    public SinkMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        connections = meter.CreateUpDownCounter<long>("callmirror.sink.connections", "{connection}", "WebSocket connections now open.");
        streamsStarted = meter.CreateCounter<long>("callmirror.sink.streams.started", "{stream}", "Streams begun or gone on with.");
        streamsEnded = meter.CreateCounter<long>("callmirror.sink.streams.ended", "{stream}", "Streams finished, by reason.");
        samplesStored = meter.CreateCounter<long>("callmirror.sink.samples.stored", "{sample}", "Samples written.");
        samplesFilled = meter.CreateCounter<long>("callmirror.sink.samples.filled", "{sample}", "Samples of silence written where none were sent.");
        samplesRepeated = meter.CreateCounter<long>("callmirror.sink.samples.repeated", "{sample}", "Samples passed over because they were stored already.");
        eventsDropped = meter.CreateCounter<long>("callmirror.sink.events.dropped", "{event}", "Events beyond those that are kept for a stream.");
        framesUnknown = meter.CreateCounter<long>("callmirror.sink.frames.unknown", "{frame}", "Texts of an unknown type, passed over.");
        refusals = meter.CreateCounter<long>("callmirror.sink.refusals", "{connection}", "Connections turned away or closed by the sink, by reason.");
        finishDuration = meter.CreateHistogram<double>("callmirror.sink.finish.duration", "s", "Time to make the files of a stream that ended.");
    }

    public long SamplesStored => Interlocked.Read(ref stored);
    public long Refusals => Interlocked.Read(ref refused);

    public void Connected() => connections.Add(1);
    public void Disconnected() => connections.Add(-1);
    public void StreamStarted() => streamsStarted.Add(1);

    public void StreamEnded(string reason, TimeSpan finishing)
    {
        streamsEnded.Add(1, new KeyValuePair<string, object?>("reason", IsKnown(reason) ? reason : "other"));
        finishDuration.Record(finishing.TotalSeconds);
    }

    // Reasons come from outside: only the protocol's own become tags, so that no sender can make a metric grow.
    private static bool IsKnown(string reason) =>
        EndReasons.TryParse(reason, out _) || reason is OwnEndReasons.ConnectionLost or OwnEndReasons.ListenerStopped;

    public void Stored(long samples)
    {
        Interlocked.Add(ref stored, samples);
        samplesStored.Add(samples);
    }

    public void Filled(long samples)
    {
        Interlocked.Add(ref stored, samples);
        samplesFilled.Add(samples);
    }

    public void Repeated(long samples) => samplesRepeated.Add(samples);
    public void EventDropped() => eventsDropped.Add(1);
    public void UnknownFrame() => framesUnknown.Add(1);

    public void Refused(Refusal refusal)
    {
        Interlocked.Increment(ref refused);
        refusals.Add(1, new KeyValuePair<string, object?>("reason", refusal.Word()));
    }
}
