using CallMirror.Capture.Calls;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Capture.Unclaimed;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;
using FsCheck.Fluent;

namespace CallMirror.Capture.Tests.Unclaimed;

public sealed class UnclaimedPacketsTests
{
    private const int Capacity = 1000;
    private const int MaxPackets = 80;
    private const long Second = 1_000_000_000;

    private readonly CaptureCounters _counters = new();
    private readonly UnclaimedPackets _ring;
    private readonly byte[] _payload = new byte[100];
    private readonly HashSet<TransportAddress> _someone = [Line.Caller.WithPort(1)];

    public UnclaimedPacketsTests() => _ring = new UnclaimedPackets(Capacity, MaxPackets, keepNs: 2 * Second, _counters);

    [Fact]
    public void What_is_claimed_comes_oldest_first_with_its_time_and_path()
    {
        Add(port: 1, time: 10, length: 3);
        Add(port: 2, time: 20, length: 4);
        Add(port: 1, time: 30, length: 5);
        Assert.Equal([(10L, 3), (30L, 5)], Claim(1, now: 40).Select(packet => (packet.Time, packet.Content.Length)));
        Assert.Empty(Claim(1, now: 40));
        Assert.Single(Claim(2, now: 40));
        Assert.Equal(0, _ring.Count);
        Assert.Empty(_counters.Drops());
    }

    [Fact]
    public void Either_end_claims_a_packet()
    {
        Add(port: 1, time: 10, length: 3);
        Assert.Single(Take(Line.Pbx, now: 10));
    }

    [Fact]
    public void What_is_too_old_is_dropped_whether_a_packet_comes_or_a_claim()
    {
        Add(port: 1, time: 0, length: 3);
        Add(port: 1, time: 2 * Second, length: 3);
        Assert.Equal(2, _ring.Count);
        Add(port: 1, time: 2 * Second + 1, length: 3);
        Assert.Equal((2, 1), (_ring.Count, _counters.Dropped(DropReason.NoCall)));
        Assert.Single(Claim(1, now: 4 * Second + 1));
        Assert.Equal(2, _counters.Dropped(DropReason.NoCall));
    }

    [Fact]
    public void A_full_ring_drops_its_oldest()
    {
        for (int i = 0; i < 5; i++)
            Add(port: 1, time: i, length: 300);
        Assert.Equal([2L, 3L, 4L], Claim(1, now: 5).Select(packet => packet.Time));
        Assert.Equal(2, _counters.Dropped(DropReason.UnclaimedFull));
    }

    [Fact]
    public void Short_packets_are_bounded_by_their_number()
    {
        for (int i = 0; i < MaxPackets + 2; i++)
            Add(port: 1, time: i, length: 3);
        Assert.Equal((MaxPackets, 2), (_ring.Count, _counters.Dropped(DropReason.UnclaimedFull)));
        Assert.Equal(2, Claim(1, now: MaxPackets)[0].Time);
    }

    [Fact]
    public void A_packet_larger_than_the_ring_is_dropped_alone()
    {
        Add(port: 1, time: 0, length: 10);
        Add(port: 1, time: 1, length: Capacity + 1);
        Assert.Equal((1, 1), (_ring.Count, _counters.Dropped(DropReason.UnclaimedFull)));
        Add(port: 1, time: 2, length: Capacity);
        Assert.Equal([2L], Claim(1, now: 3).Select(packet => packet.Time));
    }

    [Fact]
    public void The_oldest_between_two_ends_is_that_of_either_direction()
    {
        Assert.Null(_ring.OldestBetween(Path(1)));
        _ring.Add(Path(1).Reverse, new byte[3], 10);
        Add(port: 1, time: 20, length: 3);
        Add(port: 2, time: 5, length: 3);
        Assert.Equal((Path(1).Reverse, 10L), _ring.OldestBetween(Path(1)));
        Assert.Equal((Path(1).Reverse, 10L), _ring.OldestBetween(Path(1).Reverse));
        Claim(2, now: 20);
        _ring.Expire(2 * Second + 15);
        Assert.Equal((Path(1), 20L), _ring.OldestBetween(Path(1)));
        Claim(1, now: 30);
        Assert.Null(_ring.OldestBetween(Path(1)));
    }

    [Fact]
    public void Packets_that_wait_take_no_memory_but_the_ring()
    {
        for (int i = 0; i < 20_000; i++)
            Step(i);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 20_000; i < 40_000; i++)
            Step(i);
        // Once for all of them is no packet's: the runtime compiles what is used often once more, in between.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);

        void Step(int i)
        {
            _ring.Add(Path(i % 3), _payload, i);
            if (i % 7 == 0)
                _ring.Claim(_someone, i, static (in _, _, _) => true);
        }
    }

    [Fact]
    public void What_a_claimant_does_not_want_waits_on_in_its_place()
    {
        for (int i = 0; i < 4; i++)
            Add(port: 1, time: i, length: 3);
        _ring.Claim(_someone, 4, static (in _, _, time) => time % 2 == 0);
        Add(port: 1, time: 5, length: 3);
        Assert.Equal(3, _ring.Count);
        Assert.Equal([1L, 3L, 5L], Claim(1, now: 6).Select(packet => packet.Time));
    }

    [Fact]
    public void An_undecided_packet_is_not_claimed_before_it_is_decided_and_does_not_grow_old()
    {
        _ring.AddUndecided(Path(1), new byte[3], 10);
        _ring.AddUndecided(Path(1), new byte[4], 20);
        Assert.Empty(Claim(1, now: 10 * Second));
        Assert.True(_ring.TryPeekUndecided(1, out var path, out var payload, out long time));
        Assert.Equal((Path(1), 3, 10L), (path, payload.Length, time));
        _ring.Decide(isTaken: false);
        Assert.False(_ring.TryPeekUndecided(1, out _, out _, out _));
        Assert.Single(Claim(1, now: 20));
        Assert.True(_ring.TryPeekUndecided(2, out _, out payload, out _));
        Assert.Equal(4, payload.Length);
        _ring.Decide(isTaken: true);
        Assert.Equal((0, false), (_ring.Count, _ring.HasUndecided));
    }

    [Fact]
    public void Undecided_packets_that_are_pushed_out_have_a_reason_of_their_own()
    {
        for (int i = 0; i < 5; i++)
            _ring.AddUndecided(Path(1), new byte[300], i);
        Assert.Equal((3, 2), (_ring.Count, _counters.Dropped(DropReason.UndecidedFull)));
        Assert.True(_ring.TryPeekUndecided(long.MaxValue, out _, out _, out long time));
        Assert.Equal(2, time);
    }

    [Fact]
    public void At_the_end_everything_is_counted()
    {
        Add(port: 1, time: 0, length: 10);
        Add(port: 2, time: 0, length: 10);
        _ring.DropAll();
        Assert.Equal((0, 2), (_ring.Count, _counters.Dropped(DropReason.NoCall)));
    }

    [Fact]
    public void Whatever_happens_contents_are_intact_in_order_and_accounted_for() => Properties.Hold(
        (from length in Gen.Frequency((9, Gen.Choose(12, 250)), (1, Gen.Choose(251, Capacity + 50)))
         from port in Gen.Choose(1, 3)
         from step in Gen.Frequency((6, Gen.Choose(0, 100)), (1, Gen.Choose(0, 1500)))
         from claim in Gen.Frequency((5, Gen.Constant(0)), (1, Gen.Choose(1, 3)))
         select (length, port, step, claim)).ArrayOf(),
        steps =>
        {
            var counters = new CaptureCounters();
            var ring = new UnclaimedPackets(Capacity, MaxPackets, 2 * Second, counters);
            List<Sent> model = [];
            long now = 0;
            int claimed = 0;
            for (int i = 0; i < steps.Length; i++)
            {
                now += steps[i].step * 1_000_000L;
                ring.Add(Path(steps[i].port), Content(i, steps[i].length), now);
                model.Add(new Sent(i, steps[i].port, steps[i].length, now, IsClaimed: false));
                claimed += Check(ring, model, steps[i].claim, now);
                Assert.True(ring.Count <= Capacity / 12);
            }

            Assert.Equal(steps.Length, claimed + ring.Count + counters.Dropped(DropReason.NoCall) + counters.Dropped(DropReason.UnclaimedFull));
        });

    // Claims a port, compares with what was added, and returns how many came. The newest that fill half the ring can't have
    // been pushed out, where none was so large that the ring had to begin anew for it.
    private static int Check(UnclaimedPackets ring, List<Sent> model, int port, long now)
    {
        if (port == 0)
            return 0;
        List<int> got = [];
        ring.Claim(new HashSet<TransportAddress> { Line.Caller.WithPort(port) }, now, (in path, payload, time) =>
        {
            byte[] content = payload.ToArray();
            var sent = model.Single(packet => !packet.IsClaimed && packet.Time == time && content.AsSpan().SequenceEqual(Content(packet.Id, packet.Length)));
            Assert.Equal((port, sent.Port), (path.Source.Port, port));
            Assert.True(now - time <= 2 * Second);
            got.Add(sent.Id);
            return true;
        });
        Assert.Equal(got.Order().Distinct(), got);
        int room = Capacity / 2;
        foreach (var packet in Enumerable.Reverse(model).TakeWhile(packet => now - packet.Time <= 2 * Second && packet.Length <= 250 && (room -= packet.Length) >= 0))
            Assert.True(packet.Port != port || packet.IsClaimed || got.Contains(packet.Id));
        for (int i = 0; i < model.Count; i++)
            model[i] = model[i] with { IsClaimed = model[i].IsClaimed || got.Contains(model[i].Id) };
        return got.Count;
    }

    // What was claimed leaves a hole in the ring, so it counts for its room.
    private readonly record struct Sent(int Id, int Port, int Length, long Time, bool IsClaimed);

    private static byte[] Content(int id, int length)
    {
        byte[] content = new byte[length];
        new Random(id).NextBytes(content);
        return content;
    }

    private static MediaPath Path(int port) => new(Line.Caller.WithPort(port), Line.Pbx);

    private void Add(int port, long time, int length) => _ring.Add(Path(port), new byte[length], time);

    private List<(long Time, byte[] Content)> Claim(int port, long now) => Take(Line.Caller.WithPort(port), now);

    private List<(long Time, byte[] Content)> Take(TransportAddress address, long now)
    {
        List<(long, byte[])> taken = [];
        _ring.Claim(new HashSet<TransportAddress> { address }, now, (in _, payload, time) =>
        {
            taken.Add((time, payload.ToArray()));
            return true;
        });
        return taken;
    }
}
