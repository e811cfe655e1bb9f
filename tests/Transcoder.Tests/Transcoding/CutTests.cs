using CallMirror.Audio.Resampling;
using CallMirror.Contracts.Media;
using CallMirror.TestKit;
using CallMirror.Transcoder.Transcoding;

namespace CallMirror.Transcoder.Tests.Transcoding;

/// <summary>However capture cuts a stream into batches, the chunks hold the same samples, each once.</summary>
public sealed class CutTests
{
    [Fact]
    public void Chunks_of_any_cuts_hold_the_samples_of_the_whole_stretches() => Properties.Hold(CapturedStream.Any, stream =>
    {
        short?[] expected = Interpolated(stream);
        Assert.Equal(expected, Written(stream, 16000));
        Assert.Equal(expected, Written(stream.InOneBatch(), 16000));
    });

    [Fact]
    public void Even_samples_are_the_decoded_ones() => Properties.Hold(CapturedStream.Any, stream =>
    {
        short?[] written = Written(stream, 16000);
        Assert.Equal(stream.Decoded(), Enumerable.Range(0, written.Length / 2).Select(i => written[2 * i] ?? 0));
    });

    [Fact]
    public void At_8_kHz_the_samples_are_the_decoded_ones() => Properties.Hold(CapturedStream.Any, stream =>
        Assert.Equal(stream.Samples.Select(sample => sample?.Value), Written(stream, 8000)));

    [Fact]
    public void Each_chunk_writes_between_its_predecessors_through_and_its_own() => Properties.Hold(CapturedStream.Any, stream =>
    {
        foreach (int rate in new[] { 8000, 16000 })
        {
            var transcoder = new BatchTranscoder(rate);
            long before = 0;
            foreach (byte[] batch in stream.Batches())
            {
                var section = Chunk.Of(transcoder, batch).Only;
                Assert.All(section.Runs, run => Assert.InRange(run.Header.Position, before, run.End));
                Assert.All(section.Runs, run => Assert.InRange(run.End, before, section.Through));
                Assert.InRange(section.Through, before, long.MaxValue);
                before = section.Through;
            }

            Assert.Equal(stream.Samples.Length * (rate / 8000L), before);
        }
    });

    [Fact]
    public void Each_run_carries_the_rtp_timestamp_of_its_first_sample() => Properties.Hold(CapturedStream.Any, stream =>
    {
        foreach (var run in stream.Batches().SelectMany(batch => Chunk.Of(batch).Only.Runs))
        {
            var parts = Enumerable.Range((int)(run.Header.Position / 2), run.Samples.Length / 2).Select(i => stream.Samples[i]!.Value).ToList();
            Assert.All(parts, (sample, i) => Assert.Equal((run.Header.Ssrc, run.Header.Timestamp + (uint)i), (sample.Ssrc, sample.Timestamp)));
        }
    });

    /// <summary>Each stretch interpolated whole, with silence around it.</summary>
    private static short?[] Interpolated(CapturedStream stream)
    {
        short[] decoded = stream.Decoded();
        short?[] expected = new short?[2 * decoded.Length];
        for (int start = 0, end; start < decoded.Length; start = end)
        {
            for (end = start + 1; stream.IsSound(end) == stream.IsSound(start) && end < decoded.Length;)
                end++;
            if (!stream.IsSound(start))
                continue;
            short[] outputs = new short[2 * (end - start)];
            HalfBandInterpolator.Interpolate(decoded.AsSpan(start, end - start), 0, end - start, outputs);
            for (int i = 0; i < outputs.Length; i++)
                expected[(2 * start) + i] = outputs[i];
        }

        return expected;
    }

    /// <summary>What the chunks of a stream write; no position may be written twice.</summary>
    private static short?[] Written(CapturedStream stream, int rate)
    {
        var transcoder = new BatchTranscoder(rate);
        short?[] written = new short?[stream.Samples.Length * (rate / 8000)];
        foreach (var run in stream.Batches().SelectMany(batch => Chunk.Of(transcoder, batch).Only.Runs))
        {
            Assert.Equal(MediaCodec.L16, run.Header.Codec);
            for (int i = 0; i < run.Samples.Length; i++)
            {
                Assert.Null(written[run.Header.Position + i]);
                written[run.Header.Position + i] = run.Samples[i];
            }
        }

        return written;
    }
}
