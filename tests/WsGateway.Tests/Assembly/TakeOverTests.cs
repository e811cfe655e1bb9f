using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Assembly;
using CallMirror.WsGateway.Calls;

namespace CallMirror.WsGateway.Tests.Assembly;

/// <summary>A lane that changes its owner: what another gateway has used is neither repeated nor taken for lost.</summary>
public sealed class TakeOverTests : IDisposable
{
    private readonly CallAssembler _call = new(Chunks.CallId, new ChunkLimits(TimeSpan.FromSeconds(5), 1_000_000), TimeSpan.FromSeconds(10));
    private readonly List<MediaDelivery> _settled = [];

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
    public void A_chunk_is_kept_until_the_listener_has_all_that_was_known_with_it()
    {
        var handed = new HandedChunks();
        var (first, second) = (Audio(0), Audio(1));
        handed.Add(first, callerTail: 1600, calleeTail: 1500);
        handed.Add(second, callerTail: 3200, calleeTail: 3100);

        Assert.False(handed.TryTake(1599, 9999, out _));
        Assert.False(handed.TryTake(9999, 1499, out _));
        Assert.True(handed.TryTake(1600, 1500, out var taken));
        Assert.Same(first, taken);
        Assert.False(handed.TryTake(3199, 3100, out _));
        Assert.Equal(1, handed.Count);
    }

    private static MediaDelivery Audio(uint sequence) => Chunks.Chunk(sequence, Section.Audio(0, sequence * 1600, (sequence + 1) * 1600));

    private static MediaDelivery Again(uint sequence, int subscription = 0) => Audio(sequence) with { Redelivered = true, Subscription = subscription };

    private void Add(params MediaDelivery[] deliveries)
    {
        foreach (var delivery in deliveries)
            Assert.True(_call.TryAdd(delivery, _settled, out _));
    }
}
