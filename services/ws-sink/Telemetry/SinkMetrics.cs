using System.Diagnostics.Metrics;
using CallMirror.Contracts.Calls;
using CallMirror.WsSink.Calls;
using CallMirror.WsSink.Protocol;

namespace CallMirror.WsSink.Telemetry;

/// <summary>What the sink counts, and the sums that its snapshot shows.</summary>
internal sealed class SinkMetrics
{
    public const string MeterName = "CallMirror.WsSink";

    private static readonly InstrumentAdvice<double> FinishBuckets = new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30] };

    private readonly UpDownCounter<long> _connections;
    private readonly UpDownCounter<long> _streams;
    private readonly Counter<long> _received;
    private readonly Counter<long> _acks;
    private readonly Counter<long> _streamsStarted;
    private readonly Counter<long> _streamsEnded;
    private readonly Counter<long> _samplesStored;
    private readonly Counter<long> _samplesFilled;
    private readonly Counter<long> _samplesRepeated;
    private readonly Counter<long> _eventsRepeated;
    private readonly Counter<long> _eventsDropped;
    private readonly Counter<long> _framesUnknown;
    private readonly Counter<long> _refusals;
    private readonly Histogram<double> _finishDuration;
    private long _stored;
    private long _storedTicks;
    private long _refused;

    public SinkMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(MeterName);
        _connections = meter.CreateUpDownCounter<long>("callmirror.sink.connections", "{connection}", "WebSocket connections now open.");
        _streams = meter.CreateUpDownCounter<long>("callmirror.sink.streams", "{stream}", "Streams that have begun and not ended.");
        _received = meter.CreateCounter<long>("callmirror.sink.received", "By", "Audio received, repeated samples included.");
        _acks = meter.CreateCounter<long>("callmirror.sink.acks", "{message}", "Acknowledgements sent.");
        _streamsStarted = meter.CreateCounter<long>("callmirror.sink.streams.started", "{stream}", "Streams begun or gone on with.");
        _streamsEnded = meter.CreateCounter<long>("callmirror.sink.streams.ended", "{stream}", "Streams finished, by reason.");
        _samplesStored = meter.CreateCounter<long>("callmirror.sink.samples.stored", "{sample}", "Samples written.");
        _samplesFilled = meter.CreateCounter<long>("callmirror.sink.samples.filled", "{sample}", "Samples of silence written where none were sent.");
        _samplesRepeated = meter.CreateCounter<long>("callmirror.sink.samples.repeated", "{sample}", "Samples passed over because they were stored already.");
        _eventsRepeated = meter.CreateCounter<long>("callmirror.sink.events.repeated", "{event}", "Events passed over because they were told already.");
        _eventsDropped = meter.CreateCounter<long>("callmirror.sink.events.dropped", "{event}", "Events beyond those that are kept for a stream.");
        _framesUnknown = meter.CreateCounter<long>("callmirror.sink.frames.unknown", "{frame}", "Texts of an unknown type, passed over.");
        _refusals = meter.CreateCounter<long>("callmirror.sink.refusals", "{connection}", "Connections turned away or closed by the sink, by reason.");
        _finishDuration = meter.CreateHistogram("callmirror.sink.finish.duration", "s", "Time to make the files of a stream that ended.", tags: null, FinishBuckets);
    }

    public long SamplesStored => Interlocked.Read(ref _stored);
    public TimeSpan TimeStored => TimeSpan.FromTicks(Interlocked.Read(ref _storedTicks));
    public long Refusals => Interlocked.Read(ref _refused);

    public void Connected() => _connections.Add(1);
    public void Disconnected() => _connections.Add(-1);
    public void StreamStarted() => _streamsStarted.Add(1);
    public void StreamOpened() => _streams.Add(1);
    public void StreamClosed() => _streams.Add(-1);
    public void Received(int bytes) => _received.Add(bytes);
    public void AckSent() => _acks.Add(1);

    public void StreamEnded(string reason, TimeSpan finishing)
    {
        _streamsEnded.Add(1, new KeyValuePair<string, object?>("reason", IsKnown(reason) ? reason : "other"));
        _finishDuration.Record(finishing.TotalSeconds);
    }

    // Reasons come from outside: only the protocol's own become tags, so that no sender can make a metric grow.
    private static bool IsKnown(string reason) =>
        EndReasons.TryParse(reason, out _) || reason is OwnEndReasons.ConnectionLost or OwnEndReasons.ListenerStopped;

    public void Stored(long samples, int sampleRate)
    {
        Count(samples, sampleRate);
        _samplesStored.Add(samples);
    }

    public void Filled(long samples, int sampleRate)
    {
        Count(samples, sampleRate);
        _samplesFilled.Add(samples);
    }

    public void Repeated(long samples) => _samplesRepeated.Add(samples);
    public void EventRepeated() => _eventsRepeated.Add(1);
    public void EventDropped() => _eventsDropped.Add(1);
    public void UnknownFrame() => _framesUnknown.Add(1);

    // Streams of different rates can't be told apart in a sum of samples: time can be added up.
    private void Count(long samples, int sampleRate)
    {
        Interlocked.Add(ref _stored, samples);
        Interlocked.Add(ref _storedTicks, samples * TimeSpan.TicksPerSecond / sampleRate);
    }

    public void Refused(Refusal refusal)
    {
        Interlocked.Increment(ref _refused);
        _refusals.Add(1, new KeyValuePair<string, object?>("reason", refusal.Word()));
    }
}
