using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Assembly;

namespace CallMirror.WsGateway.Tests.Assembly;

public sealed class CallAssemblerTests : IDisposable
{
    private readonly CallAssembler _call = new(Chunks.Key, new ChunkLimits(TimeSpan.FromMilliseconds(200), 1_000_000), TimeSpan.FromSeconds(10));
    private readonly List<SettledChunk> _settled = [];

    public void Dispose() => _call.Dispose();

    [Fact]
    public void Frames_are_exactly_20_ms_from_the_first_sample_and_the_last_is_shorter()
    {
        Add(Chunks.Chunk(0, Section.Audio(0, 1000, 2700)), Chunks.Chunk(1, new Section(0, 2700) { Marks = [Chunks.End(2700)] }));

        var outputs = Outputs.Of(_call[0].Backlog);
        Assert.Equal(1000, _call[0].Backlog.Start);
        Assert.Equal([640, 640, 640, 640, 640, 200], outputs.Frames);
        Assert.Equal(Pcm.Bytes(0, 1000, 2700), outputs.Audio);
        Assert.True(outputs.Ended);
    }

    [Fact]
    public void Frames_go_across_chunks_and_runs()
    {
        Add(Chunks.Chunk(0, new Section(0, 500) { Runs = [(0, 100), (100, 500)] }), Chunks.Chunk(1, Section.Audio(0, 500, 960)));

        var outputs = Outputs.Of(_call[0].Backlog);
        Assert.Equal([640, 640, 640], outputs.Frames);
        Assert.Equal(Pcm.Bytes(0, 0, 960), outputs.Audio);
    }

    [Fact]
    public void Frames_at_8_kHz_are_320_bytes()
    {
        Add(Chunks.Chunk(0, 0, [Section.Audio(0, 0, 320)], rate: 8000));

        Assert.Equal([320, 320], Outputs.Of(_call[0].Backlog).Frames);
    }

    [Fact]
    public void What_no_run_covers_below_through_is_silence()
    {
        Add(Chunks.Chunk(0, new Section(0, 3200) { Runs = [(0, 1000), (2000, 2600)] }));

        var outputs = Outputs.Of(_call[0].Backlog);
        byte[] expected = [.. Pcm.Bytes(0, 0, 1000), .. Pcm.Silence(1000), .. Pcm.Bytes(0, 2000, 2600), .. Pcm.Silence(600)];
        Assert.Equal(expected, outputs.Audio);
        Assert.Empty(outputs.Events);
    }

    [Fact]
    public void Chunks_out_of_order_give_the_same_bytes()
    {
        Add(Audio(1), Audio(0), Audio(3), Audio(2));

        Assert.Equal(Pcm.Bytes(0, 0, 6400), Outputs.Of(_call[0].Backlog).Audio);
        Assert.Equal(4, _settled.Count);
    }

    [Fact]
    public void A_chunk_that_waits_is_not_settled_before_it_is_used()
    {
        Add(Audio(0), Audio(2));
        Assert.Single(_settled);

        Add(Audio(1));
        Assert.Equal(3, _settled.Count);
    }

    [Fact]
    public void A_chunk_that_comes_twice_is_heard_once()
    {
        Add(Audio(0), Audio(0), Audio(1), Audio(0));

        Assert.Equal(Pcm.Bytes(0, 0, 3200), Outputs.Of(_call[0].Backlog).Audio);
        Assert.Equal(2, _call.DroppedChunks);
        Assert.Equal(4, _settled.Count);
    }

    [Fact]
    public void Samples_below_the_position_are_trimmed_and_counted()
    {
        Add(Chunks.Chunk(0, Section.Audio(0, 0, 1600)), Chunks.Chunk(1, Section.Audio(0, 1000, 2240)));

        Assert.Equal(Pcm.Bytes(0, 0, 2240), Outputs.Of(_call[0].Backlog).Audio);
        Assert.Equal(600, _call[0].DuplicateSamples);
    }

    [Fact]
    public void A_missing_chunk_is_waited_for_200_ms_of_media_time_then_reported_as_a_gap()
    {
        Add(Audio(0), Audio(2), Audio(3));
        Assert.Equal(1600, _call[0].Backlog.Tail);

        Add(Audio(4));
        var outputs = Outputs.Of(_call[0].Backlog);
        Assert.Equal([.. Pcm.Bytes(0, 0, 1600), .. Pcm.Silence(1600), .. Pcm.Bytes(0, 3200, 8000)], outputs.Audio);
        var (gap, after) = Assert.Single(outputs.Events);
        Assert.Equal((MarkKind.Gap, 1600L, 1600u, 1600L), (gap.Kind, gap.Position, gap.Value, after));
    }

    [Fact]
    public void A_gap_is_as_long_as_what_turns_out_to_be_missing()
    {
        Add(Audio(0), Chunks.Chunk(2, new Section(0, 4800) { Runs = [(4000, 4800)] }));
        _call.GiveUpWaiting(_settled);

        var (gap, _) = Assert.Single(Outputs.Of(_call[0].Backlog).Events);
        Assert.Equal((1600L, 2400u), (gap.Position, gap.Value));
        Assert.Equal(2400, _call[0].GapSamples);
    }

    [Fact]
    public void A_skipped_chunk_that_held_nothing_new_is_no_gap()
    {
        Add(Audio(0), Chunks.Chunk(2, Section.Audio(0, 1600, 3200)));
        _call.GiveUpWaiting(_settled);

        var outputs = Outputs.Of(_call[0].Backlog);
        Assert.Empty(outputs.Events);
        Assert.Equal(Pcm.Bytes(0, 0, 3200), outputs.Audio);
    }

    [Fact]
    public void A_chunk_that_comes_after_it_was_given_up_is_dropped()
    {
        Add(Audio(0), Audio(2), Audio(3), Audio(4), Audio(1));

        Assert.Equal([.. Pcm.Bytes(0, 0, 1600), .. Pcm.Silence(1600), .. Pcm.Bytes(0, 3200, 8000)], Outputs.Of(_call[0].Backlog).Audio);
        Assert.Equal(1, _call.DroppedChunks);
    }

    [Fact]
    public void Without_a_late_limit_it_waits_until_too_much_is_held()
    {
        using var patient = new CallAssembler(Chunks.Key, new ChunkLimits(null, 17_000), TimeSpan.FromSeconds(1));
        for (uint i = 1; i < 6; i++)
            Assert.True(patient.TryAdd(Audio(i), _settled, out _));
        Assert.False(patient[0].Backlog.HasBegun);

        Assert.True(patient.TryAdd(Audio(6), _settled, out _));
        Assert.Equal(1600, patient[0].Backlog.Start);
    }

    [Fact]
    public void Where_too_much_is_held_in_all_calls_one_that_holds_something_waits_no_longer()
    {
        var limits = new ChunkLimits(null, 1_000_000, Total: new HeldTotal(17_000));
        var one = new CallAssembler(Chunks.Key, limits, TimeSpan.FromSeconds(1));
        using var other = new CallAssembler(Chunks.Key, limits, TimeSpan.FromSeconds(1));
        using var third = new CallAssembler(Chunks.Key, limits, TimeSpan.FromSeconds(1));
        Hold(one, 1, 2, 3);
        Hold(other, 1, 2);
        Assert.False(other[0].Backlog.HasBegun);
        Hold(other, 3);
        Assert.True(other[0].Backlog.HasBegun);
        Assert.False(one[0].Backlog.HasBegun);

        // What is gone holds nothing.
        one.Dispose();
        Hold(third, 1, 2, 3, 4, 5);
        Assert.False(third[0].Backlog.HasBegun);

        void Hold(CallAssembler call, params uint[] chunks) => Assert.All(chunks, chunk => Assert.True(call.TryAdd(Audio(chunk), _settled, out _)));
    }

    [Theory]
    [InlineData(64, 16)]
    [InlineData(192, 32)]
    [InlineData(384, 128)]
    [InlineData(24_576, 1024)]
    public void How_much_is_held_in_all_calls_follows_from_the_heap(long heap, long held) => Assert.Equal(held << 20, HeldTotal.LimitOf(heap << 20));

    [Fact]
    public void Another_gateway_goes_on_where_the_lane_begins_and_calls_it_no_gap()
    {
        Add(Audio(7), Audio(8), Audio(9));

        Assert.True(_call.TakenOver);
        Assert.Equal(7 * 1600, _call[0].Backlog.Start);
        Assert.Empty(Outputs.Of(_call[0].Backlog).Events);
    }

    [Fact]
    public void An_event_comes_after_the_frame_with_the_sample_before_it()
    {
        Add(Chunks.Chunk(0, Section.Audio(0, 0, 1600) with { Marks = [Chunks.Dtmf(500, 5), Chunks.Dtmf(640, 6), Chunks.Dtmf(1601, 7)] }), Audio(1));

        Assert.Equal([(5, 640L), (6, 640L), (7, 1920L)], Outputs.Of(_call[0].Backlog).Events.Select(e => ((int)e.Mark.Code, e.After)));
    }

    [Fact]
    public void Events_before_the_end_come_before_it_even_beyond_the_last_sample()
    {
        Add(Audio(0), Chunks.Chunk(1, new Section(0, 1600) { Marks = [Chunks.Dtmf(9999, 1), Chunks.End(1700)] }));

        var outputs = Outputs.Of(_call[0].Backlog);
        Assert.Equal(1700, outputs.Audio.Length / 2);
        Assert.Single(outputs.Events);
        Assert.True(outputs.Ended);
    }

    [Fact]
    public void A_role_that_never_had_audio_has_nothing_to_send()
    {
        Add(Chunks.Chunk(0, new Section(0, -1) { Marks = [Chunks.End(0)] }, new Section(1, -1) { Marks = [Chunks.End(0, EndReason.Cancelled)] }));

        Assert.True(_call.IsOver);
        Assert.False(_call[0].Backlog.HasOutput);
        Assert.False(_call[1].Backlog.HasOutput);
    }

    [Fact]
    public void Nothing_comes_after_the_end()
    {
        Add(Audio(0), Chunks.Chunk(1, new Section(0, 1600) { Marks = [Chunks.End(1600, EndReason.MediaTimeout)] }), Audio(2));

        Assert.Equal(1600, _call[0].Backlog.Tail);
        Assert.Equal(EndReason.MediaTimeout, _call[0].Backlog.Ended);
    }

    [Fact]
    public void Positions_that_no_call_can_have_are_left_out()
    {
        Add(
            Audio(0),
            Chunks.Chunk(1, new Section(0, long.MaxValue) { Runs = [(-500, -100)] }),
            Chunks.Chunk(2, Section.Audio(0, 1600, 3200)));

        Assert.Equal(Pcm.Bytes(0, 0, 3200), Outputs.Of(_call[0].Backlog).Audio);
        Assert.Equal(1, _call[0].Unplaceable);
    }

    [Theory]
    [InlineData(MediaKind.RtpBatch, Chunks.CallId, 16000, ChunkError.NoL16Chunk)]
    [InlineData(MediaKind.L16Chunk, "another", 16000, ChunkError.OtherCall)]
    [InlineData(MediaKind.L16Chunk, Chunks.CallId, 8000, ChunkError.SampleRate)]
    [InlineData(MediaKind.L16Chunk, Chunks.CallId, 11025, ChunkError.SampleRate)]
    public void A_message_that_does_not_belong_is_refused_with_its_reason(MediaKind kind, string callId, int rate, object expected)
    {
        Add(Audio(0));

        Assert.False(_call.TryAdd(Chunks.Chunk(1, 0, [Section.Audio(0, 0, 10)], callId: callId, rate: rate, kind: kind), _settled, out var error));
        Assert.Equal(expected, (object)error);
    }

    [Fact]
    public void Bytes_that_are_no_message_are_refused()
    {
        var buffer = new MediaBuffer();
        buffer.Append(30).Fill(0xA5);

        Assert.False(_call.TryAdd(new MediaDelivery(buffer, 1, false), _settled, out var error));
        Assert.Equal(ChunkError.NoMediaMessage, error);
    }

    private static MediaDelivery Audio(uint sequence) => Chunks.Chunk(sequence, Section.Audio(0, sequence * 1600, (sequence + 1) * 1600));

    private void Add(params MediaDelivery[] deliveries)
    {
        foreach (var delivery in deliveries)
            Assert.True(_call.TryAdd(delivery, _settled, out _));
    }
}
