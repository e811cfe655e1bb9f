using CallMirror.Audio.Resampling;
using CallMirror.Contracts.Media;

namespace CallMirror.Transcoder.Tests.Transcoding;

public sealed class BatchTranscoderTests
{
    private const int Reach = HalfBandInterpolator.Reach;

    [Fact]
    public void The_history_of_the_contract_is_all_the_filter_looks_back() =>
        Assert.InRange((2 * Reach) - 1, 1, MediaLayout.HistorySamples);

    [Fact]
    public void The_header_is_carried_over_with_the_new_kind_and_rate()
    {
        var chunk = Chunk.Of(Batch.Of(through: 100, SectionFlags.None, Batch.New(0, 100)));
        Assert.Equal(Batch.Header with { Kind = MediaKind.L16Chunk, SampleRate = 16000 }, chunk.Header);
        Assert.Equal("call@pbx", chunk.CallId);
    }

    [Fact]
    public void An_open_stretch_is_written_up_to_the_filters_reach()
    {
        var section = Chunk.Of(Batch.Of(through: 900, SectionFlags.Open, Batch.New(100, 800))).Only;
        var run = Assert.Single(section.Runs);
        Assert.Equal((200, 2 * (900 - Reach)), (run.Header.Position, run.End));
        Assert.Equal(run.End, section.Through);
        Assert.Equal(SectionFlags.Open, section.Flags);
    }

    [Fact]
    public void The_next_batch_goes_on_where_the_open_one_had_to_stop()
    {
        var run = Assert.Single(Chunk.Of(Batch.Of(1700, SectionFlags.Open, Batch.History(836, 64), Batch.New(900, 800))).Only.Runs);
        Assert.Equal((2 * (900 - Reach), 2 * (1700 - Reach)), (run.Header.Position, run.End));
        Assert.Equal(900u - Reach, run.Header.Timestamp);
    }

    [Fact]
    public void A_closed_stretch_is_written_to_its_end_and_through_goes_on_into_the_silence()
    {
        var section = Chunk.Of(Batch.Of(through: 1600, SectionFlags.None, Batch.New(0, 800))).Only;
        Assert.Equal((1600, 3200), (Assert.Single(section.Runs).End, section.Through));
    }

    [Fact]
    public void History_alone_flushes_the_tail_once_the_stretch_has_ended()
    {
        var section = Chunk.Of(Batch.Of(through: 900, SectionFlags.None, Batch.History(736, 64))).Only;
        var run = Assert.Single(section.Runs);
        Assert.Equal((2 * (800 - Reach), 1600, 1800), (run.Header.Position, run.End, section.Through));
    }

    [Fact]
    public void History_alone_of_a_stretch_that_may_go_on_writes_nothing()
    {
        var section = Chunk.Of(Batch.Of(through: 800, SectionFlags.Open, Batch.History(736, 64))).Only;
        Assert.Empty(section.Runs);
        Assert.Equal(2 * (800 - Reach), section.Through);
    }

    [Fact]
    public void A_stretch_shorter_than_the_reach_waits_whole_behind_what_is_complete()
    {
        var section = Chunk.Of(Batch.Of(through: 1005, SectionFlags.Open, Batch.New(1000, 5))).Only;
        Assert.Empty(section.Runs);
        Assert.Equal(2000, section.Through);
    }

    [Fact]
    public void A_short_history_is_the_stretchs_true_beginning()
    {
        var run = Assert.Single(Chunk.Of(Batch.Of(through: 1100, SectionFlags.None, Batch.History(1000, 5), Batch.New(1005, 95))).Only.Runs);
        Assert.Equal((2000, 2200), (run.Header.Position, run.End));
    }

    [Fact]
    public void An_open_section_that_shows_no_stretch_claims_no_more_than_any_stretch_has_written() =>
        Assert.Equal(2 * (800 - Reach), Chunk.Of(Batch.Of(through: 800, SectionFlags.Open)).Only.Through);

    [Fact]
    public void A_stretch_that_ended_before_an_open_through_is_complete()
    {
        var section = Chunk.Of(Batch.Of(through: 800, SectionFlags.Open, Batch.New(0, 700))).Only;
        Assert.Equal((1400, 1600), (Assert.Single(section.Runs).End, section.Through));
    }

    [Theory, InlineData(16000), InlineData(8000)]
    public void A_stream_that_has_not_begun_stays_so(int rate)
    {
        var end = new MediaMark { Kind = MarkKind.End, Position = -1, Code = 1 };
        var section = Chunk.Of(Batch.Of(Batch.Header, -1, SectionFlags.None, [], end), rate).Only;
        Assert.Equal((-1, 0), (section.Through, section.Runs.Count));
        Assert.Equal(end, Assert.Single(section.Marks));
    }

    [Fact]
    public void Marks_pass_through_at_doubled_positions()
    {
        MediaMark[] marks =
        [
            new() { Kind = MarkKind.Dtmf, Position = 10, Code = 11, Value = 5 },
            new() { Kind = MarkKind.Gap, Position = 20, Value = 160 },
            new() { Kind = MarkKind.Gap, Position = 30, Value = uint.MaxValue },
            new() { Kind = MarkKind.End, Position = 40, Code = 1 },
        ];
        byte[] batch = Batch.Of(Batch.Header, 40, SectionFlags.None, [], marks);
        Assert.Equal(
            [
                marks[0] with { Position = 20 },
                marks[1] with { Position = 40, Value = 320 },
                marks[2] with { Position = 60 },
                marks[3] with { Position = 80 },
            ],
            Chunk.Of(batch).Only.Marks);
        Assert.Equal(marks, Chunk.Of(batch, 8000).Only.Marks);
    }

    [Fact]
    public void A_stretch_that_changes_its_ssrc_is_one_sound_in_two_runs()
    {
        var runs = Chunk.Of(Batch.Of(through: 200, SectionFlags.None, Batch.New(0, 100), Batch.New(100, 100, ssrc: 2))).Only.Runs;
        var whole = Assert.Single(Chunk.Of(Batch.Of(through: 200, SectionFlags.None, Batch.New(0, 200))).Only.Runs);
        Assert.Equal([1u, 2u], runs.Select(run => run.Header.Ssrc));
        Assert.Equal(whole.Samples, runs.SelectMany(run => run.Samples));
    }

    [Fact]
    public void The_roles_of_a_batch_are_independent()
    {
        using var buffer = new MediaBuffer();
        var writer = new MediaMessageWriter(buffer, Batch.Header, "call@pbx");
        for (byte role = 0; role < 2; role++)
        {
            var run = Batch.New(100 * role, 200);
            writer.BeginSection(role, SectionFlags.None, 300);
            writer.AddRun(run.Header, run.Payload);
        }

        var sections = Chunk.Of(buffer.Memory.ToArray()).Sections;
        Assert.Equal([(0, 0), (1, 200)], sections.Select(section => ((int)section.Role, (int)Assert.Single(section.Runs).Header.Position)));
    }
}
