using CallMirror.Contracts.Media;
using CallMirror.TestKit;
using CallMirror.Transcoder.Transcoding;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Transcoder.Tests.Transcoding;

public sealed class RejectionTests
{
    private const long TooFar = SectionPlan.MaxPosition + 1;

    [Fact]
    public void Bytes_that_are_no_media_message_are_rejected()
    {
        Assert.Equal(TranscodeError.BadMessage, Error([]));
        Assert.Equal(TranscodeError.BadMessage, Error("RIFF....WAVE"u8.ToArray()));
        Assert.Equal(TranscodeError.BadMessage, Error(Batch.Of(100, SectionFlags.None, Batch.New(0, 100))[..^1]));
    }

    [Fact]
    public void A_message_for_someone_else_is_rejected()
    {
        Assert.Equal(TranscodeError.NotAnRtpBatch, Error(Batch.Of(Batch.Header with { Kind = MediaKind.L16Chunk }, 0, SectionFlags.None, [])));
        Assert.Equal(TranscodeError.UnsupportedSampleRate, Error(Batch.Of(Batch.Header with { SampleRate = 16000 }, 0, SectionFlags.None, [])));
        Assert.Equal(TranscodeError.TooLarge, Error(new byte[BatchTranscoder.MaxBatchBytes + 1]));
    }

    [Theory, InlineData(MediaCodec.L16), InlineData((MediaCodec)9), InlineData((MediaCodec)255)]
    public void A_codec_that_it_does_not_decode_is_rejected(MediaCodec codec) =>
        Assert.Equal(TranscodeError.UnknownCodec, Error(Batch.Of(100, SectionFlags.None, Batch.New(0, 100, codec))));

    [Fact]
    public void Runs_out_of_order_are_rejected()
    {
        Assert.Equal(TranscodeError.MisorderedRuns, Error(Batch.Of(300, SectionFlags.None, Batch.New(200, 100), Batch.New(0, 100))));
        Assert.Equal(TranscodeError.MisorderedRuns, Error(Batch.Of(300, SectionFlags.None, Batch.New(0, 101), Batch.New(100, 100))));
        Assert.Equal(TranscodeError.MisorderedRuns, Error(Batch.Of(300, SectionFlags.None, Batch.New(0, 100), Batch.History(100, 64))));
    }

    [Fact]
    public void Samples_past_through_are_rejected()
    {
        Assert.Equal(TranscodeError.RunBeyondThrough, Error(Batch.Of(99, SectionFlags.None, Batch.New(0, 100))));
        Assert.Equal(TranscodeError.RunBeyondThrough, Error(Batch.Of(-1, SectionFlags.None, Batch.New(0, 100))));
    }

    [Theory, InlineData(-1), InlineData(TooFar), InlineData(long.MinValue), InlineData(long.MaxValue)]
    public void A_run_at_an_impossible_position_is_rejected(long position) =>
        Assert.Equal(TranscodeError.PositionOutOfRange, Error(Batch.Of(100, SectionFlags.None, Batch.New(position, 100))));

    [Theory, InlineData(-2), InlineData(TooFar), InlineData(long.MinValue), InlineData(long.MaxValue)]
    public void An_impossible_through_or_mark_is_rejected(long position)
    {
        var mark = new MediaMark { Kind = MarkKind.End, Position = position };
        Assert.Equal(TranscodeError.PositionOutOfRange, Error(Batch.Of(position, SectionFlags.None)));
        Assert.Equal(TranscodeError.PositionOutOfRange, Error(Batch.Of(Batch.Header, 0, SectionFlags.None, [], mark)));
    }

    [Fact]
    public void No_bytes_make_it_throw_and_all_it_accepts_gives_a_readable_chunk() => Properties.Hold(Damaged, batch =>
    {
        byte[] before = [.. batch];
        foreach (int rate in new[] { 8000, 16000 })
        {
            using var buffer = new MediaBuffer();
            if (new BatchTranscoder(rate).TryTranscode(batch, buffer, out var error))
                Assert.Equal(MediaKind.L16Chunk, Chunk.Read(buffer.Memory.Span).Header.Kind);
            else
                Assert.NotEqual("none", TranscodeErrors.Word(error));
        }

        Assert.Equal(before, batch);
    });

    [Fact]
    public void Each_error_has_a_word_of_its_own()
    {
        var words = Enum.GetValues<TranscodeError>().Select(TranscodeErrors.Word).ToList();
        Assert.Distinct(words);
    }

    /// <summary>A batch of a stream with some bytes changed.</summary>
    private static Gen<byte[]> Damaged { get; } =
        (from stream in CapturedStream.Any
         from pick in Gen.Choose(0, int.MaxValue)
         from changes in Gen.Choose(0, int.MaxValue).Zip(Gen.Choose(0, 255)).ListOf(4)
         select Damage([.. stream.Batches()], pick, [.. changes]));

    private static byte[] Damage(byte[][] batches, int pick, (int At, int Value)[] changes)
    {
        const int Heads = 150;
        byte[] batch = [.. batches[pick % batches.Length]];
        foreach (var (at, value) in changes)
            batch[at % Math.Min(batch.Length, Heads)] = (byte)value;
        return batch;
    }

    private static TranscodeError Error(byte[] batch)
    {
        using var buffer = new MediaBuffer();
        Assert.False(new BatchTranscoder(16000).TryTranscode(batch, buffer, out var error));
        return error;
    }
}
