using System.Diagnostics.Metrics;
using CallMirror.Transcoder.Transcoding;

namespace CallMirror.Transcoder;

/// <summary>What the transcoder counts, under the meter <c>CallMirror.Transcoder</c>.</summary>
internal sealed class TranscoderMetrics
{
    private static readonly InstrumentAdvice<double> BatchBuckets =
        new() { HistogramBucketBoundaries = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 1] };

    private readonly Counter<long> _batches;
    private readonly Counter<long> _chunkBytes;
    private readonly Counter<long> _samples;
    private readonly Counter<long> _rejected;
    private readonly Histogram<double> _duration;

    public TranscoderMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CallMirror.Transcoder");
        _batches = meter.CreateCounter<long>("callmirror.transcoder.batches", "{message}", "RTP batches transcoded");
        _chunkBytes = meter.CreateCounter<long>("callmirror.transcoder.output", "By", "L16 chunks published, in bytes");
        _samples = meter.CreateCounter<long>("callmirror.transcoder.samples", "{sample}", "Samples of L16 made, at the rate that comes out");
        _duration = meter.CreateHistogram("callmirror.transcoder.batch.duration", "s", "Time to make the chunk of one batch", tags: null, BatchBuckets);
        _rejected = meter.CreateCounter<long>("callmirror.transcoder.rejected", "{message}", "RTP batches rejected, by reason");
    }

    /// <summary>A chunk has been made.</summary>
    public void Made(long samples, TimeSpan within)
    {
        _samples.Add(samples);
        _duration.Record(within.TotalSeconds);
    }

    /// <summary>A chunk is on the bus.</summary>
    public void Transcoded(int chunk)
    {
        _batches.Add(1);
        _chunkBytes.Add(chunk);
    }

    public void Rejected(TranscodeError error) =>
        _rejected.Add(1, new KeyValuePair<string, object?>("reason", TranscodeErrors.Word(error)));
}
