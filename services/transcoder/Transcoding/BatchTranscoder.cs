using System.Runtime.InteropServices;
using CallMirror.Audio.Resampling;
using CallMirror.Contracts.Media;

namespace CallMirror.Transcoder.Transcoding;

/// <summary>
/// RTP batch in, L16 chunk out, and nothing remembered in between: what an output sample needs besides is repeated in the batch as history.
/// However a stream is cut into batches, the chunks hold the same samples. The scratch memory makes an instance one worker's own.
/// </summary>
/// <param name="outputRate"><see cref="InputRate"/> (samples as decoded) or twice that.</param>
/// <remarks>
/// An output depends on <see cref="HalfBandInterpolator.Reach"/> inputs on either side. So a stretch that may go on is written up to that many
/// samples before its end, and the next chunk begins there; a stretch that has ended is written to its end. A run of a chunk carries the SSRC, and
/// the RTP timestamp (8 kHz clock, whatever the output rate) of the captured sample at its position; where they change, a new run begins.
/// </remarks>
internal sealed class BatchTranscoder(int outputRate)
{
    /// <summary>G.711's rate, in Hz.</summary>
    public const int InputRate = 8000;

    /// <summary>Longest batch, in bytes: over half an hour of one role.</summary>
    public const int MaxBatchBytes = 1 << 24;

    private readonly Stretch _stretch = new();
    private readonly int _factor = outputRate / InputRate;
    private readonly int _reach = outputRate == InputRate ? 0 : HalfBandInterpolator.Reach;

    /// <summary>Samples written so far.</summary>
    public long Samples { get; private set; }

    /// <summary>About how many bytes the chunk of a batch takes: a byte becomes a sample of two, or two of them.</summary>
    public int ChunkBytes(int batchBytes) => Math.Min(batchBytes, MaxBatchBytes) * 2 * _factor;

    /// <summary>Appends the chunk of a batch to <paramref name="chunk"/>. On an error what it holds is of no use.</summary>
    public bool TryTranscode(ReadOnlySpan<byte> batch, MediaBuffer chunk, out TranscodeError error)
    {
        error = batch.Length > MaxBatchBytes ? TranscodeError.TooLarge : TranscodeError.BadMessage;
        if (error == TranscodeError.TooLarge || !MediaMessage.TryParse(batch, out var message, out _))
            return false;
        var header = message.Header;
        error = Check(header);
        if (error != TranscodeError.None)
            return false;
        var writer = new MediaMessageWriter(chunk, header with { Kind = MediaKind.L16Chunk, SampleRate = outputRate }, message.CallIdUtf8);
        foreach (var section in message)
        {
            if (!SectionPlan.TryMake(section, out var plan, out error))
                return false;
            Write(ref writer, section, plan);
        }

        return true;
    }

    private static TranscodeError Check(in MediaHeader header)
    {
        if (header.Kind != MediaKind.RtpBatch)
            return TranscodeError.NotAnRtpBatch;
        return header.SampleRate == InputRate ? TranscodeError.None : TranscodeError.UnsupportedSampleRate;
    }

    private void Write(ref MediaMessageWriter writer, MediaSection section, in SectionPlan plan)
    {
        writer.BeginSection(section.Role, section.Flags, Through(section.Through, plan));
        _stretch.Restart(position: -1);
        foreach (var run in section.Runs)
        {
            var header = run.Header;
            if (header.Position != _stretch.End)
            {
                WriteStretch(ref writer, open: false);
                _stretch.Restart(header.Position);
            }

            _stretch.Append(header, run.Payload);
        }

        WriteStretch(ref writer, plan.Open);
        foreach (var mark in section.Marks)
            writer.AddMark(Scale(mark));
    }

    /// <summary>All outputs before it have been written, none after it.</summary>
    private long Through(long through, in SectionPlan plan)
    {
        if (through < 0)
            return through;
        if (!plan.Open)
            return through * _factor;
        // A stretch shorter than the reach waits whole; what precedes it is complete. Where not even history is shown, it may have any length.
        return Math.Max(Math.Max(plan.Start, 0), through - _reach) * _factor;
    }

    private void WriteStretch(ref MediaMessageWriter writer, bool open)
    {
        // What the message before this one had to leave: its last outputs, as far as the stretch reaches back.
        long from = Math.Max(_stretch.Start, _stretch.NewFrom - _reach);
        long to = open ? Math.Max(from, _stretch.End - _reach) : _stretch.End;
        var spans = _stretch.Spans;
        for (int i = 0; i < spans.Count; i++)
        {
            long start = Math.Max(from, spans[i].Position);
            long end = Math.Min(to, i + 1 < spans.Count ? spans[i + 1].Position : _stretch.End);
            if (start < end)
                WriteRun(ref writer, spans[i], start, (int)(end - start));
        }
    }

    private void WriteRun(ref MediaMessageWriter writer, in RtpSpan span, long position, int count)
    {
        writer.BeginRun(new RunHeader
        {
            Position = position * _factor,
            Ssrc = span.Ssrc,
            Timestamp = span.TimestampAt(position),
            Codec = MediaCodec.L16,
        });
        var payload = MemoryMarshal.Cast<byte, short>(writer.AppendPayload(count * _factor * sizeof(short)));
        Samples += payload.Length;
        int first = (int)(position - _stretch.Start);
        if (_factor == 1)
            _stretch.Samples.Slice(first, count).CopyTo(payload);
        else
            HalfBandInterpolator.Interpolate(_stretch.Samples, first, count, payload);
    }

    private MediaMark Scale(in MediaMark mark) => mark with
    {
        Position = mark.Position < 0 ? mark.Position : mark.Position * _factor,
        Value = mark.Kind == MarkKind.Gap ? (uint)Math.Min(mark.Value * (long)_factor, uint.MaxValue) : mark.Value,
    };
}
