using System.Diagnostics.Metrics;
using CallMirror.Transcoder.Transcoding;

namespace CallMirror.Transcoder;

/// <summary>What the transcoder counts, under the meter <c>CallMirror.Transcoder</c>.</summary>
internal sealed class TranscoderMetrics
{
    private readonly Counter<long> _batches;
    private readonly Counter<long> _chunkBytes;
    private readonly Counter<long> _rejected;

    public TranscoderMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CallMirror.Transcoder");
        _batches = meter.CreateCounter<long>("callmirror.transcoder.batches", "{message}", "RTP batches transcoded");
        _chunkBytes = meter.CreateCounter<long>("callmirror.transcoder.output", "By", "L16 chunks published, in bytes");
        _rejected = meter.CreateCounter<long>("callmirror.transcoder.rejected", "{message}", "RTP batches rejected, by reason");
    }

    public void Transcoded(int chunk)
    {
        _batches.Add(1);
        _chunkBytes.Add(chunk);
    }

    public void Rejected(TranscodeError error) =>
        _rejected.Add(1, new KeyValuePair<string, object?>("reason", TranscodeErrors.Word(error)));
}
