using CallMirror.Messaging.Media;
using CallMirror.TestKit;
using CallMirror.WsGateway.Assembly;
using CallMirror.WsGateway.Calls;

namespace CallMirror.WsGateway.Tests.Assembly;

/// <summary>A lane that changes its owner: what another gateway has used is neither repeated nor taken for lost.</summary>
public sealed class TakeOverTests : IDisposable
{
    private readonly CallAssembler _call = new(Chunks.Key, new ChunkLimits(TimeSpan.FromSeconds(5), 1_000_000), TimeSpan.FromSeconds(10));
    private readonly List<SettledChunk> _settled = [];

    public void Dispose() => _call.Dispose();

    [Fact]
    public void A_new_owner_waits_half_a_second_for_what_may_be_late_and_not_five()
    {
        Add(Again(80), Again(81), Again(82), Again(83), Again(84));
        Assert.False(_call.HasBegun);

        Add(Again(85));

        Assert.True(_call.TakenOver);
        Assert.Equal(80 * 1600, _call[0].Backlog.Start);
        Assert.Equal(86 * 1600, _call[0].Backlog.Tail);
    }

    [Fact]
    public void The_late_first_chunk_of_a_new_call_is_waited_for_like_any_other()
    {
        for (uint i = 1; i < 40; i++)
            Add(Audio(i));
        Assert.False(_call.HasBegun);

        Add(Audio(0));

        Assert.False(_call.TakenOver);
        Assert.Equal(0, _call[0].Backlog.Start);
        Assert.Equal(40 * 1600, _call[0].Backlog.Tail);
    }

    [Fact]
    public void The_same_owner_goes_on_after_its_subscription_was_renewed()
    {
        Add(Audio(0), Audio(1), Audio(2));

        Add(Again(1, subscription: 1), Again(2, subscription: 1), Again(3, subscription: 1));

        Assert.False(_call[0].Backlog.Jumped);
        Assert.Equal(Pcm.Bytes(0, 0, 4 * 1600), Outputs.Of(_call[0].Backlog).Audio);
        Assert.Equal(2, _call.DroppedChunks);
    }

    [Fact]
    public void What_was_held_under_an_earlier_subscription_comes_again_and_counts_once()
    {
        Add(Audio(0), Audio(2), Audio(3));
        Assert.Equal(2, _call.HeldCount);

        Add(Again(1, subscription: 1), Again(2, subscription: 1), Again(3, subscription: 1));

        Assert.Equal(0, _call.HeldCount);
        Assert.Equal(6, _settled.Count);
        Assert.Equal(Pcm.Bytes(0, 0, 4 * 1600), Outputs.Of(_call[0].Backlog).Audio);
    }

    [Fact]
    public void An_owner_of_old_jumps_over_what_another_has_used_and_calls_it_no_gap()
    {
        Add(Audio(0), Audio(1));

        for (uint i = 60; i < 66; i++)
            Add(Again(i, subscription: 1));

        Assert.True(_call[0].Backlog.Jumped);
        Assert.Equal(0, _call.Skips);
        var outputs = Outputs.Of(_call[0].Backlog);
        Assert.Equal(Pcm.Bytes(0, 60 * 1600, 66 * 1600), outputs.Audio);
        Assert.Empty(outputs.Events);
    }

    [Fact]
    public void Without_a_new_subscription_what_is_missing_is_a_gap_of_its_exact_size()
    {
        Add(Audio(0), Audio(1));

        for (uint i = 10; i < 62; i++)
            Add(Audio(i));

        Assert.Equal(1, _call.Skips);
        Assert.Equal(8 * 1600, _call[0].GapSamples);
    }

    [Fact]
    public void What_comes_in_a_burst_is_not_late_before_the_clock_says_so_too()
    {
        var time = new ManualTimeProvider();
        using var call = new CallAssembler(Chunks.Key, new ChunkLimits(TimeSpan.FromSeconds(5), 1_000_000, time), TimeSpan.FromSeconds(10));
        Add(call, Audio(0), Audio(1));
        // The lane is joined again, and ten seconds of audio come at once, without one chunk that a transcoder still has.
        for (uint i = 3; i < 103; i++)
            Add(call, Again(i, subscription: 1));
        Assert.Equal(2 * 1600, call[0].Backlog.Tail);
        Assert.InRange(call.OverdueIn.GetValueOrDefault(), TimeSpan.FromSeconds(1.99), TimeSpan.FromSeconds(2));

        Add(call, Again(2, subscription: 1));

        Assert.Equal(Pcm.Bytes(0, 0, 103 * 1600), Outputs.Of(call[0].Backlog).Audio);
        Assert.Null(call.OverdueIn);
    }

    [Fact]
    public void A_tap_begins_half_a_second_after_its_first_chunk()
    {
        var time = new ManualTimeProvider();
        using var call = new CallAssembler(Chunks.Key, new ChunkLimits(TimeSpan.FromSeconds(5), 1_000_000, time, IsTap: true), TimeSpan.FromSeconds(10));
        for (uint i = 60; i < 66; i++)
            Add(call, Audio(i));
        Assert.False(call.HasBegun);

        Assert.InRange(call.OverdueIn.GetValueOrDefault(), TimeSpan.FromMilliseconds(499), TimeSpan.FromMilliseconds(500));
        time.Advance(TimeSpan.FromMilliseconds(501));
        call.Recheck(_settled);

        Assert.Equal((60 * 1600L, 66 * 1600L), (call[0].Backlog.Start, call[0].Backlog.Tail));
        Assert.Equal((0, 0), (call.Skips, call[0].GapSamples));
    }

    [Fact]
    public void A_lane_of_its_own_that_is_joined_again_waits_for_a_transcoder_that_comes_back_later()
    {
        var time = new ManualTimeProvider();
        using var call = new CallAssembler(Chunks.Key, new ChunkLimits(TimeSpan.FromSeconds(5), 1_000_000, time), TimeSpan.FromSeconds(10));
        Add(call, Audio(0), Audio(1));
        // Nobody has had these before: no other gateway was here.
        for (uint i = 3; i < 103; i++)
            Add(call, Audio(i) with { Subscription = 1 });
        time.Advance(TimeSpan.FromSeconds(14));
        call.Recheck(_settled);
        Assert.Equal(2 * 1600, call[0].Backlog.Tail);
        Assert.True(call.IsJustJoinedAgain);

        Add(call, Audio(2) with { Subscription = 1 });

        Assert.Equal(Pcm.Bytes(0, 0, 103 * 1600), Outputs.Of(call[0].Backlog).Audio);
        Assert.Equal((0, 0), (call.Skips, call[0].GapSamples));
    }

    [Fact]
    public void A_lane_that_another_gateway_had_before_the_broker_was_away_waits_for_a_transcoder_that_comes_back_later()
    {
        var time = new ManualTimeProvider();
        using var call = new CallAssembler(Chunks.Key, new ChunkLimits(TimeSpan.FromSeconds(5), 1_000_000, time), TimeSpan.FromSeconds(10));
        // Ten seconds of the call are in the hands of a transcoder whose publisher is not back yet.
        for (uint i = 106; i < 200; i++)
            Add(call, AfterOutage(Audio(i)));
        time.Advance(TimeSpan.FromSeconds(14));
        call.Recheck(_settled);
        Assert.Equal((false, false), (call.HasBegun, call.MayWaitInVain));

        for (uint i = 11; i < 106; i++)
            Add(call, AfterOutage(Audio(i)));
        time.Advance(TimeSpan.FromSeconds(1.1));
        call.Recheck(_settled);

        Assert.True(call.TakenOver);
        Assert.Equal((11 * 1600L, 200 * 1600L), (call[0].Backlog.Start, call[0].Backlog.Tail));
    }

    [Fact]
    public void A_chunk_that_came_before_the_broker_was_away_and_comes_again_is_no_sign_that_another_gateway_had_those_before_it()
    {
        var time = new ManualTimeProvider();
        using var call = new CallAssembler(Chunks.Key, new ChunkLimits(TimeSpan.FromSeconds(5), 1_000_000, time), TimeSpan.FromSeconds(10));
        Add(call, Audio(0), Audio(1));
        for (uint i = 3; i < 103; i++)
            Add(call, AfterOutage(Again(i)));
        time.Advance(TimeSpan.FromSeconds(14));
        call.Recheck(_settled);
        Assert.Equal(2 * 1600, call[0].Backlog.Tail);

        Add(call, AfterOutage(Audio(2)));

        Assert.False(call[0].Backlog.Jumped);
        Assert.Equal(Pcm.Bytes(0, 0, 103 * 1600), Outputs.Of(call[0].Backlog).Audio);
    }

    [Fact]
    public void What_never_comes_after_a_lane_of_its_own_was_joined_again_is_a_gap_of_its_exact_size()
    {
        var time = new ManualTimeProvider();
        using var call = new CallAssembler(Chunks.Key, new ChunkLimits(TimeSpan.FromSeconds(5), 1_000_000, time), TimeSpan.FromSeconds(10));
        Add(call, Audio(0), Audio(1), Audio(2));
        Add(call, Again(2, subscription: 1));
        for (uint i = 5; i < 103; i++)
            Add(call, Again(i, subscription: 1));
        time.Advance(TimeSpan.FromSeconds(15.1));
        call.Recheck(_settled);

        Assert.False(call[0].Backlog.Jumped);
        Assert.Equal((1, 2 * 1600), (call.Skips, call[0].GapSamples));
        Assert.False(call.IsJustJoinedAgain);
    }

    [Fact]
    public void What_is_late_by_media_and_clock_is_waited_for_no_longer_though_nothing_more_comes()
    {
        var time = new ManualTimeProvider();
        using var call = new CallAssembler(Chunks.Key, new ChunkLimits(TimeSpan.FromSeconds(5), 1_000_000, time), TimeSpan.FromSeconds(10));
        Add(call, Audio(0), Audio(1));
        for (uint i = 10; i < 62; i++)
            Add(call, Audio(i));
        time.Advance(TimeSpan.FromSeconds(4.9));
        call.Recheck(_settled);
        Assert.Equal(0, call.Skips);

        time.Advance(TimeSpan.FromSeconds(0.2));
        call.Recheck(_settled);

        Assert.Equal(1, call.Skips);
        Assert.Equal(8 * 1600, call[0].GapSamples);
    }

    [Fact]
    public void Chunks_that_are_used_together_are_settled_each_with_its_own_end()
    {
        Add(Audio(0), Audio(2), Audio(3), Audio(1));

        Assert.Equal([1600, 3200, 4800, 6400], _settled.Select(chunk => chunk.CallerThrough));
    }

    [Fact]
    public void A_chunk_is_kept_until_the_listener_has_all_of_it()
    {
        var handed = new HandedChunks();
        var (first, second) = (Audio(0), Audio(1));
        handed.Add(new SettledChunk(first, CallerThrough: 1600, CalleeThrough: 1500));
        handed.Add(new SettledChunk(second, CallerThrough: 3200, CalleeThrough: 3100));

        Assert.False(handed.TryTake(1599, 9999, out _));
        Assert.False(handed.TryTake(9999, 1499, out _));
        Assert.True(handed.TryTake(1600, 1500, out var taken));
        Assert.Same(first, taken);
        Assert.False(handed.TryTake(3199, 3100, out _));
        Assert.Equal(1, handed.Count);
    }

    private static MediaDelivery Audio(uint sequence) => Chunks.Chunk(sequence, Section.Audio(0, sequence * 1600, (sequence + 1) * 1600));

    private static MediaDelivery Again(uint sequence, int subscription = 0) => Audio(sequence) with { Redelivered = true, Subscription = subscription };

    private static MediaDelivery AfterOutage(MediaDelivery delivery) => delivery with { IsAfterOutage = true, Subscription = 1 };

    private void Add(params MediaDelivery[] deliveries) => Add(_call, deliveries);

    private void Add(CallAssembler call, params MediaDelivery[] deliveries)
    {
        foreach (var delivery in deliveries)
            Assert.True(call.TryAdd(delivery, _settled, out _));
    }
}
