using CallMirror.Capture.Streams;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Contracts.Media;
using CallMirror.TestKit;
using FsCheck.Fluent;

namespace CallMirror.Capture.Tests.Streams;

public sealed class StretchTailTests
{
    private readonly StretchTail _tail = new();

    [Fact]
    public void An_empty_tail_writes_nothing() => Assert.Empty(Written());

    [Fact]
    public void The_last_64_samples_are_repeated()
    {
        Append(1000, 160);
        var run = Assert.Single(Written());
        Assert.Equal((1096L, 1096u, 64, true), (run.Position, run.Timestamp, run.Payload.Length, run.IsHistory));
        Assert.Equal(Content(1096, 64), run.Payload);
    }

    [Fact]
    public void History_goes_over_a_change_of_codec()
    {
        Append(1000, 160);
        Append(1160, 24, MediaCodec.Pcmu);
        Assert.Equal([(1120L, 40, MediaCodec.Pcma), (1160L, 24, MediaCodec.Pcmu)], Written().Select(run => (run.Position, run.Payload.Length, run.Codec)));
    }

    [Fact]
    public void A_gap_ends_the_history_before_it()
    {
        Append(1000, 160);
        Append(1161, 10);
        Assert.Equal([(1161L, 10)], Written().Select(run => (run.Position, run.Payload.Length)));
    }

    [Fact]
    public void A_tail_that_was_cleared_is_empty()
    {
        Append(1000, 160);
        _tail.Clear();
        Assert.Empty(Written());
    }

    [Fact]
    public void However_samples_come_the_tail_is_their_last_64() => Properties.Hold(
        (from length in Gen.Choose(1, 100) from codec in Gen.Elements(MediaCodec.Pcma, MediaCodec.Pcmu) select (length, codec)).NonEmptyListOf(),
        appended =>
        {
            _tail.Clear();
            int position = 0;
            foreach (var (length, codec) in appended)
            {
                Append(position, length, codec);
                position += length;
            }

            int from = Math.Max(0, position - MediaLayout.HistorySamples);
            var runs = Written();
            Assert.Equal(Content(from, position - from), runs.SelectMany(run => run.Payload));
            foreach (var run in runs)
            {
                Assert.Equal((from, (uint)from), (run.Position, run.Timestamp));
                from += run.Payload.Length;
            }
        });

    private static byte[] Content(int position, int length) => [.. Enumerable.Range(position, length).Select(at => (byte)at)];

    private void Append(int position, int length, MediaCodec codec = MediaCodec.Pcma) => _tail.Append(
        new RunHeader { Position = position, Ssrc = 1, Timestamp = (uint)position, Codec = codec },
        Content(position, length));

    private Run[] Written()
    {
        using var buffer = new MediaBuffer();
        var header = new MediaHeader { Kind = MediaKind.RtpBatch, Source = 0, Sequence = 0, SampleRate = 8000, Epoch = 0, CapturedAt = 0 };
        var writer = new MediaMessageWriter(buffer, header, "c"u8);
        writer.BeginSection(0, SectionFlags.None, 0);
        _tail.Write(ref writer);
        Assert.True(MediaMessage.TryParse(buffer.Memory.Span, out var message, out _));
        foreach (var section in message)
            return Section.Read("c", 0, section).Runs;
        return [];
    }
}
