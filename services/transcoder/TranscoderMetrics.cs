using System.Diagnostics.Metrics;
using CallMirror.Transcoder.Transcoding;

namespace CallMirror.Transcoder;

/// <summary>What the transcoder counts, under the meter <c>CallMirror.Transcoder</c>.</summary>
internal sealed class TranscoderMetrics
{
    private readonly Counter<long> batches;
    private readonly Counter<long> chunkBytes;
    private readonly Counter<long> rejected;

    public TranscoderMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CallMirror.Transcoder");
        batches = meter.CreateCounter<long>("callmirror.transcoder.batches", "{message}", "RTP batches transcoded");
        chunkBytes = meter.CreateCounter<long>("callmirror.transcoder.output", "By", "L16 chunks published, in bytes");
        rejected = meter.CreateCounter<long>("callmirror.transcoder.rejected", "{message}", "RTP batches rejected, by reason");
    }

    public void Transcoded(int chunk)
    {
        batches.Add(1);
        chunkBytes.Add(chunk);
    }

    public void Rejected(TranscodeError error) =>
        rejected.Add(1, new KeyValuePair<string, object?>("reason", TranscodeErrors.Word(error)));
}
