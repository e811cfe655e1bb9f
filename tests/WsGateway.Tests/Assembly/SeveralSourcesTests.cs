using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Assembly;

namespace CallMirror.WsGateway.Tests.Assembly;

/// <summary>Two captures of one call: what either has is heard once, at its place.</summary>
public sealed class SeveralSourcesTests : IDisposable
{
    private const long Millisecond = Chunks.Rate / 1000;

    private readonly CallAssembler _call = new(Chunks.Key, new ChunkLimits(TimeSpan.FromMilliseconds(500), 1_000_000), TimeSpan.FromSeconds(10));
    private readonly List<SettledChunk> _settled = [];

    public void Dispose() => _call.Dispose();

    [Fact]
    public void Two_captures_of_the_same_audio_give_it_once_whatever_their_clocks_say()
    {
        for (uint i = 0; i < 4; i++)
            Add(Chunk(1, i, Audio(i)), Chunk(2, i, Audio(i) with { Skew = 30 * Millisecond }));

        Assert.Equal(Pcm.Bytes(0, 0, 6400), Heard());
        Assert.Equal(6400, _call[0].DuplicateSamples);
        Assert.Equal(8, _settled.Count);
    }

    [Fact]
    public void A_capture_that_falls_behind_holds_no_audio_back_that_another_has()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)));
        Add(Chunk(1, 1, Audio(1)), Chunk(1, 2, Audio(2)));

        Assert.Equal(3 * 1600, _call[0].Backlog.Tail);
    }

    [Fact]
    public void What_one_capture_lost_comes_from_the_other()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)));

        Add(Chunk(1, 1, new Section(0, 4800) { Open = true, Runs = [(1600, 2240), (3200, 4800)] }));
        Assert.True(_call[0].Backlog.Tail < 2240);

        Add(Chunk(2, 1, new Section(0, 4800) { Open = true, Runs = [(1600, 3840), (4480, 4800)] }));
        Assert.Equal(Pcm.Bytes(0, 0, 4800), Heard());
    }

    [Fact]
    public void Beside_a_hole_the_samples_are_those_of_the_capture_that_has_none()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)));

        // A filter has seen silence where the caller's packet is missing, so what it made of the samples next to it is not what was said.
        Add(Chunk(1, 1, new Section(0, 4800) { Open = true, Runs = [(1600, 2240), (3200, 4800)] }, damagedAt: [2239, 3200]));
        Add(Chunk(2, 1, new Section(0, 4800) { Open = true, Runs = [(1600, 4800)] }));

        Assert.Equal(Pcm.Bytes(0, 0, 4800), Heard());
    }

    [Fact]
    public void Each_capture_hears_one_party()
    {
        for (uint i = 0; i < 4; i++)
            Add(Chunk(1, i, Audio(i), new Section(1, -1)), Chunk(2, i, new Section(0, -1), Audio(i, role: 1)));
        Add(Ends(1, 4, new Section(0, 6400), new Section(1, -1)), Ends(2, 4, new Section(0, -1), new Section(1, 6400)));

        Assert.True(_call.IsOver);
        Assert.Equal(Pcm.Bytes(0, 0, 6400), Heard());
        Assert.Equal(Pcm.Bytes(1, 0, 6400), Outputs.Of(_call[1].Backlog).Audio);
    }

    [Fact]
    public void Silence_is_waited_for_until_each_active_capture_has_passed_it()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)));
        Add(Chunk(1, 1, new Section(0, 3200)));
        Assert.Equal(1600, _call[0].Backlog.Tail);
        Assert.Equal(1, _call.HeldCount);

        Add(Chunk(2, 1, new Section(0, 2400)));
        Assert.Equal(2400, _call[0].Backlog.Tail);
        Assert.Equal(0, _call.HeldCount - 1);

        Add(Chunk(2, 2, new Section(0, 3200)));
        Assert.Equal(0, _call.HeldCount);
    }

    [Fact]
    public void A_capture_that_has_been_silent_for_a_second_holds_nothing_back()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)));
        for (uint i = 1; i < 10; i++)
            Add(Chunk(2, i, new Section(0, (i + 1) * 1600)));
        Assert.Equal(1600, _call[0].Backlog.Tail);

        Add(Chunk(2, 10, new Section(0, 11 * 1600)));

        Assert.Equal(11 * 1600, _call[0].Backlog.Tail);
        Assert.Empty(Outputs.Of(_call[0].Backlog).Events);
    }

    [Fact]
    public void A_capture_that_dies_takes_nothing_with_it()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)));
        for (uint i = 1; i < 20; i++)
            Add(Chunk(2, i, Audio(i)));

        Assert.Equal(20 * 1600, _call[0].Backlog.Tail);
        Assert.Equal(Pcm.Bytes(0, 0, 20 * 1600), Heard());
    }

    [Fact]
    public void A_restarted_capture_goes_on_with_silence_where_nobody_captured()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(1, 1, Audio(1)));

        // Its clock is where it was, but it first hears the packet of 40 ms later than its timestamp says.
        Add(Chunk(2, 0, 31, Audio(30) with { Skew = 40 * Millisecond }), Chunk(2, 1, 32, Audio(31) with { Skew = 40 * Millisecond }));

        Assert.Equal([.. Pcm.Bytes(0, 0, 3200), .. Pcm.Silence(28 * 1600), .. Pcm.Bytes(0, 30 * 1600, 32 * 1600)], Heard());
        Assert.Empty(Outputs.Of(_call[0].Backlog).Events);
    }

    [Fact]
    public void After_a_jump_of_the_timestamps_the_first_position_still_stands()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0) with { Skew = 80 }));
        Add(Chunk(1, 1, Audio(1) with { Ahead = 50_000 }), Chunk(2, 1, Audio(1) with { Ahead = 50_000, Skew = 240 }));
        Add(Chunk(1, 2, Audio(2)), Chunk(2, 2, Audio(2) with { Skew = -64 }));

        Assert.Equal(Pcm.Bytes(0, 0, 4800), Heard());
    }

    [Fact]
    public void A_timestamp_that_comes_twice_is_two_samples()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0) with { Skew = 16 }));
        // The sender went back by 20 ms and on from there.
        uint back = unchecked((uint)-160);
        Add(Chunk(2, 1, Audio(1) with { Ahead = back, Skew = 16 }), Chunk(1, 1, Audio(1) with { Ahead = back }));

        Assert.Equal(Pcm.Bytes(0, 0, 3200), Heard());
    }

    [Fact]
    public void A_new_ssrc_is_placed_by_whoever_saw_it_first_but_for_its_clock()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0) with { Skew = 480 }));
        Add(Chunk(2, 1, Audio(1) with { Ssrc = 8, Skew = 480 }), Chunk(1, 1, Audio(1) with { Ssrc = 8 }));

        Assert.Equal(Pcm.Bytes(0, 0, 3200), Heard());
    }

    [Fact]
    public void A_digit_that_two_captures_saw_is_one_and_one_that_came_twice_is_two()
    {
        Add(Chunk(1, 0, Audio(0) with { Marks = [Chunks.Dtmf(500, 5), Chunks.Dtmf(1200, 5), Chunks.Dtmf(1300, 6)] }));
        Add(Chunk(2, 0, Audio(0) with { Skew = 480, Marks = [Chunks.Dtmf(510, 5), Chunks.Dtmf(1190, 5)] }));
        Add(Chunk(2, 1, Audio(1) with { Skew = 480, Marks = [Chunks.Dtmf(3190, 5)] }));

        Assert.Equal([(5, 500L), (5, 1200L), (6, 1300L), (5, 3190L)], Events().Select(mark => ((int)mark.Code, mark.Position)));
    }

    [Fact]
    public void A_stream_ends_when_every_active_capture_has_ended_it_with_the_first_reason()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)));
        Add(Chunk(1, 1, new Section(0, 1600) { Marks = [Chunks.End(1600, EndReason.MediaTimeout)] }));
        Assert.Null(_call[0].Backlog.Ended);
        Assert.Equal(1, _call.HeldCount);

        Add(Chunk(2, 1, Audio(1)), Chunk(2, 2, new Section(0, 3200) { Marks = [Chunks.End(3200)] }));

        Assert.Equal(EndReason.MediaTimeout, _call[0].Backlog.Ended);
        Assert.Equal(Pcm.Bytes(0, 0, 3200), Heard());
        Assert.Equal(0, _call.HeldCount);
    }

    [Fact]
    public void An_end_does_not_wait_for_a_capture_that_is_silent()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)));
        Add(Chunk(1, 1, 30, new Section(0, 1600) { Marks = [Chunks.End(1600)] }));

        Assert.Equal(EndReason.Bye, _call[0].Backlog.Ended);
    }

    [Fact]
    public void An_end_that_only_one_capture_told_stands_when_nothing_comes_any_more()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)), Chunk(1, 1, new Section(0, 2000) { Marks = [Chunks.End(2000)] }));

        _call.GiveUpWaiting(_settled);

        Assert.Equal(EndReason.Bye, _call[0].Backlog.Ended);
        Assert.Equal([.. Pcm.Bytes(0, 0, 1600), .. Pcm.Silence(400)], Heard());
        Assert.Equal(3, _settled.Count);
    }

    [Fact]
    public void What_one_captures_chunk_would_have_held_is_no_gap_where_the_other_knows()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)));
        Add(Chunk(2, 1, new Section(0, 3200) { Runs = [(1600, 2400)] }));
        for (uint i = 2; i < 9; i++)
            Add(Chunk(1, i, Audio(i)), Chunk(2, i, Audio(i)));

        Assert.Equal(1, _call.Skips);
        Assert.Equal(0, _call[0].Gaps);
        Assert.Equal([.. Pcm.Bytes(0, 0, 2400), .. Pcm.Silence(800), .. Pcm.Bytes(0, 3200, 9 * 1600)], Heard());
    }

    [Fact]
    public void What_both_captures_chunks_would_have_held_is_a_gap()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)));
        for (uint i = 2; i < 9; i++)
            Add(Chunk(1, i, Audio(i)), Chunk(2, i, Audio(i)));

        Assert.Equal((1, 1600), (_call[0].Gaps, _call[0].GapSamples));
        Assert.Equal([.. Pcm.Bytes(0, 0, 1600), .. Pcm.Silence(1600), .. Pcm.Bytes(0, 3200, 9 * 1600)], Heard());
    }

    [Fact]
    public void What_waits_for_a_slower_capture_is_bounded()
    {
        using var call = new CallAssembler(Chunks.Key, new ChunkLimits(TimeSpan.FromMilliseconds(500), 10_000), TimeSpan.FromSeconds(10));
        foreach (var delivery in new[] { Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)), Chunk(1, 1, new Section(0, 3200) { Runs = [(2400, 3200)] }) })
            Assert.True(call.TryAdd(delivery, _settled, out _));
        Assert.Equal(1600, call[0].Backlog.Tail);

        foreach (uint i in new uint[] { 2, 3, 4, 5 })
            Assert.True(call.TryAdd(Chunk(1, i, Audio(i)), _settled, out _));

        Assert.True(call.Hurried > 0);
        Assert.True(call[0].Backlog.Tail >= 3200);
    }

    [Fact]
    public void What_waits_is_settled_once_it_is_written_also_where_it_comes_again_under_a_new_subscription()
    {
        Add(Chunk(1, 0, Audio(0)), Chunk(2, 0, Audio(0)), Chunk(1, 1, new Section(0, 3200) { Open = true, Runs = [(2400, 3200)] }));
        Assert.Equal(2, _settled.Count);

        var again = Chunk(1, 1, new Section(0, 3200) { Open = true, Runs = [(2400, 3200)] }) with { Redelivered = true, Subscription = 1 };
        Add(again);
        Assert.Equal(3, _settled.Count);
        Assert.DoesNotContain(_settled, chunk => chunk.Delivery == again);

        Add(Chunk(2, 1, Audio(1)) with { Subscription = 1 });
        Assert.Contains(_settled, chunk => chunk.Delivery == again);
        Assert.Equal(Pcm.Bytes(0, 0, 3200), Heard());
    }

    [Fact]
    public void A_fifth_capture_is_refused_while_four_are_active()
    {
        for (uint source = 1; source <= 4; source++)
            Add(Chunk(source, 0, Audio(0)));

        Assert.False(_call.TryAdd(Chunk(5, 0, Audio(0)), _settled, out var error));
        Assert.Equal(ChunkError.TooManySources, error);

        Assert.True(_call.TryAdd(Chunk(5, 0, 30, Audio(1)), _settled, out _));
        Assert.Equal(Pcm.Bytes(0, 0, 3200), Heard());
    }

    private static Section Audio(uint window, byte role = 0) => Section.Audio(role, window * 1600, (window + 1) * 1600) with { Open = true };

    private static MediaDelivery Ends(uint source, uint sequence, params Section[] sections) =>
        Chunk(source, sequence, [.. sections.Select(section => section with { Marks = [Chunks.End(Math.Max(0, section.Through))] })]);

    private static MediaDelivery Chunk(uint source, uint sequence, params Section[] sections) => Chunk(source, sequence, sequence, sections);

    // As captured in a window of the call.
    private static MediaDelivery Chunk(uint source, uint sequence, uint window, params Section[] sections) =>
        Chunks.Chunk(sequence, Chunks.CapturedAt(window), sections, source);

    private static MediaDelivery Chunk(uint source, uint sequence, Section section, long[] damagedAt)
    {
        var chunk = Chunk(source, sequence, section);
        foreach (long position in damagedAt)
        {
            var sample = Pcm.Bytes(section.Role, position, position + 1);
            int at = chunk.Buffer.Span.IndexOf(sample);
            chunk.Buffer.Span.Slice(at, 2).Clear();
        }

        return chunk;
    }

    private byte[] Heard() => Outputs.Of(_call[0].Backlog).Audio;

    private IEnumerable<MediaMark> Events()
    {
        Add(Chunk(1, 1, Audio(1)), Chunk(1, 2, Audio(2)), Chunk(2, 2, Audio(2) with { Skew = 480 }));
        return Outputs.Of(_call[0].Backlog).Events.Select(e => e.Mark);
    }

    private void Add(params MediaDelivery[] deliveries)
    {
        foreach (var delivery in deliveries)
            Assert.True(_call.TryAdd(delivery, _settled, out _));
    }
}
