using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;

namespace CallMirror.Capture.Tests.Engine;

/// <summary>One stream through the engine: placing, silence, history, marks, end.</summary>
public sealed class StreamTests
{
    [Fact]
    public void Audio_stands_where_it_was_heard_byte_for_byte()
    {
        var line = new Line().Negotiate().Talk(100, packets: 10).Finish();
        Assert.Equal([(800, Convert.ToHexString([.. Enumerable.Range(0, 10).SelectMany(i => Line.Voice(i, Line.Samples))]))], line.Audio(0));
        Assert.Empty(line.Audio(1));
    }

    [Fact]
    public void A_message_takes_hardly_more_memory_than_its_bytes() =>
        // Less than a page of what messages share.
        Assert.InRange(new Line().Negotiate().Talk(100, packets: 500).Finish().MostUnused, 1, 1023);

    [Fact]
    public void Each_message_repeats_the_last_64_samples_of_an_open_stretch()
    {
        var line = new Line().Negotiate().Talk(100, packets: 40).Finish();
        long through = -1;
        bool open = false;
        foreach (var section in line.Of(0).Where(section => section.Through >= 0))
        {
            Assert.Equal(open ? Math.Min(64, through - 800) : 0, section.History.Sum(run => run.Payload.Length));
            Assert.All(section.History, run => Assert.Equal(through, run.Position + run.Payload.Length));
            (open, through) = (section.IsOpen, section.Through);
        }

        Assert.False(open);
        Assert.True(line.Of(0).Count(section => section.History.Any()) >= 5);
    }

    [Fact]
    public void A_change_of_codec_is_two_runs_in_one_history()
    {
        var line = new Line().Negotiate().Talk(100, packets: 10);
        line.Rtp(300, 10, payloadType: 0, payload: Line.Voice(10, 24)).Advance(450).Finish();
        var history = line.Of(0).Last(section => section.History.Any()).History;
        Assert.Equal([(MediaCodec.Pcma, 40), (MediaCodec.Pcmu, 24)], history.Select(run => (run.Codec, run.Payload.Length)));
    }

    [Fact]
    public void A_stretch_stays_open_until_silence_is_certain()
    {
        var line = new Line().Negotiate().Talk(100, packets: 5);
        line.Advance(601).Advance(701);
        Assert.True(line.Of(0).Last().IsOpen);
        Assert.Equal(1600, line.Of(0).Last().Through);
        line.Advance(801);
        Assert.False(line.Of(0).Last().IsOpen);
        Assert.Equal(2400, line.Of(0).Last().Through);
        Assert.NotEmpty(line.Of(0).Last().History);
        line.Advance(901);
        Assert.Equal(3200, line.Of(0).Last().Through);
        Assert.Empty(line.Of(0).Last().Runs);
    }

    [Fact]
    public void Silence_is_not_declared_while_packets_wait()
    {
        var line = new Line(options => options.ReorderWait = TimeSpan.FromMilliseconds(200)).Negotiate().Talk(100, packets: 15);
        line.Rtp(1150, 16);
        line.Advance(1201);
        Assert.Equal(3200, line.Of(0).Last().Through);
        line.Rtp(1202, 15);
        Assert.Equal([(800L, 15 * 160), (1202L * 8, 320)], line.Finish().Placed());
    }

    [Fact]
    public void Nothing_is_said_of_a_stream_that_has_not_begun()
    {
        var line = new Line().Negotiate().Advance(0).Advance(5000);
        Assert.Empty(line.Sections);
        line.End(5000).Finish();
        Assert.All(line.Sections, section => Assert.Equal((-1, false), (section.Through, section.IsOpen)));
        Assert.Equal([0, 1], line.Sections.Select(section => (int)section.Role));
        Assert.Equal((0L, MarkKind.End, (byte)EndReason.Bye), Mark(Assert.Single(line.Marks())));
    }

    [Theory]
    [InlineData(250, 1600)]
    [InlineData(5000, 36_000)]
    public void A_stream_ends_with_its_audio_or_half_a_second_before_the_bye(double bye, long end)
    {
        var line = new Line().Negotiate().Talk(100, packets: 5).Advance(bye).End(bye).Advance(bye + 501).Advance(bye + 701);
        Assert.Equal((end, MarkKind.End, (byte)EndReason.Bye), Mark(Assert.Single(line.Marks())));
        Assert.Equal(end, line.Of(0).Last().Through);
        Assert.Equal(0, line.Engine.CallCount);
    }

    [Fact]
    public void A_digit_is_marked_once_and_in_its_place()
    {
        var line = new Line().Negotiate().Talk(100, packets: 10);
        for (int i = 0; i < 12; i++)
            line.Event(300 + 20 * i, 10 + i, timestamp: 1600, digit: 5, duration: 160 * Math.Min(i + 1, 9), end: i >= 9);
        line.Talk(540, packets: 5, firstNumber: 22).Finish();
        Assert.Equal([(2400L, MarkKind.Dtmf, 5)], line.Marks().SkipLast(1).Select(Mark));
    }

    [Fact]
    public void Hold_and_resume_stand_in_both_streams_after_the_audio_before_them()
    {
        var line = new Line().Negotiate().Talk(100, packets: 20);
        line.Engine.Apply((CallEvent)new CallHeld { CallId = Line.CallId, At = Line.At(480), By = 1 });
        line.Talk(500, packets: 20, firstNumber: 20);
        line.Engine.Apply((CallEvent)new CallResumed { CallId = Line.CallId, At = Line.At(880), By = 1 });
        line.Talk(900, packets: 20, firstNumber: 40).Finish();
        Assert.Equal([(3840L, MarkKind.Hold, 1), (7040L, MarkKind.Resume, 1)], line.Marks().SkipLast(1).Select(Mark));
        Assert.All(line.Of(0), section => Assert.All(section.Marks, mark => Assert.True(mark.Position <= section.Through)));
        // The other one never began: all of it stands at its end.
        Assert.Equal([(0L, MarkKind.Hold, 1), (0L, MarkKind.Resume, 1), (0L, MarkKind.End, (byte)EndReason.EndOfCapture)], line.Marks(1).Select(Mark));
    }

    [Fact]
    public void A_hold_and_a_resume_that_are_told_again_are_marked_once()
    {
        var line = new Line().Negotiate().Talk(100, packets: 20);
        CallEvent[] told =
        [
            new CallHeld { CallId = Line.CallId, At = Line.At(480), By = 0 },
            new CallHeld { CallId = Line.CallId, At = Line.At(480), By = 1 },
            new CallResumed { CallId = Line.CallId, At = Line.At(490), By = 1 },
            new CallHeld { CallId = Line.CallId, At = Line.At(495), By = 1 },
        ];
        foreach (var callEvent in told.Concat(told))
            line.Engine.Apply(callEvent);
        line.Talk(500, packets: 20, firstNumber: 20).Finish();

        Assert.Equal(
            [(3840L, MarkKind.Hold, 0), (3840L, MarkKind.Hold, 1), (3920L, MarkKind.Resume, 1), (3960L, MarkKind.Hold, 1)],
            line.Marks().SkipLast(1).Select(Mark));
    }

    [Fact]
    public void A_hold_behind_the_last_sample_moves_to_the_end()
    {
        var line = new Line().Negotiate().Talk(100, packets: 5).Advance(250);
        line.Engine.Apply((CallEvent)new CallHeld { CallId = Line.CallId, At = Line.At(250), By = 0 });
        line.Advance(301).Advance(401).End(450).Advance(450).Finish();
        Assert.Equal([(1600L, MarkKind.Hold, 0), (1600L, MarkKind.End, (byte)EndReason.Bye)], line.Marks().Select(Mark));
    }

    [Fact]
    public void A_flood_of_digits_is_bounded_and_counted()
    {
        var line = new Line(options => options.Window = TimeSpan.FromSeconds(2)).Negotiate();
        for (int i = 0; i < 70_000; i++)
            line.Event(100 + i * 0.02, i, timestamp: (uint)i * 1000, digit: (byte)(i % 10), duration: 160);
        line.Finish();
        Assert.Equal(1025, line.Marks().Count());
        Assert.Equal(70_000 - 1024, line.Dropped(DropReason.TooManyMarks));
    }

    [Fact]
    public void A_flood_of_tiny_packets_is_bounded_and_counted()
    {
        var line = new Line(options => options.Window = TimeSpan.FromSeconds(2)).Negotiate();
        for (int i = 0; i < 70_000; i++)
            line.Rtp(100 + i * 0.02, i, timestamp: (uint)i * 100_000, payload: [1]);
        line.Finish();
        Assert.InRange(line.Dropped(DropReason.WindowFull), 1, 70_000);
        Assert.Equal(70_000, line.Dropped(DropReason.WindowFull) + line.Placed().Sum(run => run.Samples));
    }

    [Fact]
    public void What_was_measured_is_said_at_the_end()
    {
        var line = new Line().Negotiate();
        for (int i = 0; i < 100; i++)
        {
            if (i != 50)
                line.Rtp(100 + 20 * i, i);
            if (i == 70)
                line.Rtp(100 + 20 * i, i);
        }

        var quality = Assert.Single(line.Finish().Quality);
        Assert.Equal((0, 99L, 99L * 160, 1L, 1L, 0L, 1), (quality.Role, quality.Packets, quality.Samples, quality.Lost, quality.Duplicates, quality.Late, quality.Stretches));
        Assert.InRange(quality.JitterMilliseconds, 0, 0.2);
    }

    [Fact]
    public void Jumps_of_timestamps_and_sources_are_no_jitter()
    {
        var line = new Line().Negotiate();
        for (int i = 0; i < 60; i++)
            line.Rtp(100 + 20 * i, i, timestamp: (uint)(i * 160 + (i >= 40 ? 12_638 : 0)), ssrc: i < 50 ? 1u : 2u);
        Assert.InRange(Assert.Single(line.Finish().Quality).JitterMilliseconds, 0, 0.2);
    }

    [Fact]
    public void Eight_strangers_do_not_push_the_talker_out()
    {
        var line = new Line().Negotiate().Talk(100, packets: 20);
        for (int i = 0; i < 30; i++)
            line.Rtp(500 + 20 * i, 20 + i).Rtp(500 + 20 * i, i, ssrc: (uint)(100 + i), payloadType: 13);
        line.Rtp(1100, 30).Finish();
        Assert.Equal(1, Assert.Single(line.Quality).Duplicates);
        Assert.Equal([(800L, 50 * 160)], line.Placed());
    }

    private static (long Position, MarkKind Kind, int Code) Mark(MediaMark mark) => (mark.Position, mark.Kind, mark.Code);
}
