using CallMirror.Contracts.Media;

namespace CallMirror.Contracts.Tests.Media;

public sealed class MediaSlabsTests
{
    private readonly MediaSlabs _slabs = new();

    [Theory]
    [InlineData(0, 1_024)]
    [InlineData(1, 1_024)]
    [InlineData(1_024, 1_024)]
    [InlineData(1_025, 2_048)]
    [InlineData(6_500, 7_168)]
    [InlineData(19_300, 19_456)]
    [InlineData(MediaSlabs.LongestShared, MediaSlabs.LongestShared)]
    public void It_is_as_long_as_asked_for_and_less_than_a_page_longer(int asked, int given)
    {
        var run = _slabs.Lend(asked);
        Assert.Equal(given, run.Length);
        Assert.InRange(run.Offset, 0, MediaSlab.LengthBytes - given);
    }

    [Fact]
    public void Whatever_is_lent_and_given_back_no_two_share_a_byte()
    {
        var random = new Random(4711);
        List<(LentMemory Run, byte Mark)> lent = [];
        for (int step = 0; step < 40_000; step++)
        {
            // Now many, now few.
            if (lent.Count > 0 && random.Next(1_000) < lent.Count + (step / 10_000 % 2 * 400))
            {
                int which = random.Next(lent.Count);
                var (run, mark) = lent[which];
                Assert.Equal(-1, Bytes(run).IndexOfAnyExcept(mark));
                _slabs.TakeBack(run);
                lent[which] = lent[^1];
                lent.RemoveAt(lent.Count - 1);
            }
            else
            {
                var run = _slabs.Lend(random.Next(1, random.Next(10) == 0 ? 2 * MediaSlabs.LongestShared : 20_000));
                byte mark = (byte)step;
                Bytes(run).Fill(mark);
                lent.Add((run, mark));
            }
        }

        Assert.All(lent, item => Assert.Equal(-1, Bytes(item.Run).IndexOfAnyExcept(item.Mark)));
    }

    [Fact]
    public void Lengths_may_change_and_the_memory_is_the_same()
    {
        // 500 calls with four messages each, of 100 ms, then of longer and longer windows, then of shorter ones again.
        Queue<LentMemory> lent = new(Enumerable.Range(0, 2_000).Select(_ => _slabs.Lend(6_500)));
        int atFirst = _slabs.Count;
        int most = atFirst;
        foreach (int length in (int[])[7_800, 9_100, 10_400, 13_000, 13_000, 10_400, 9_100, 7_800, 6_500])
        {
            // As many bytes in fewer messages.
            while (lent.Sum(run => (long)run.Length) > 2_000L * 7_168 - length)
                _slabs.TakeBack(lent.Dequeue());
            for (int i = 0; i < 2_000; i++)
            {
                lent.Enqueue(_slabs.Lend(length));
                while (lent.Sum(run => (long)run.Length) > 2_000L * 7_168)
                    _slabs.TakeBack(lent.Dequeue());
            }

            most = Math.Max(most, _slabs.Count);
        }

        Assert.InRange(most, atFirst, (atFirst * 5 / 4) + 1);
    }

    [Fact]
    public void When_little_is_used_little_is_kept()
    {
        LentMemory[] many = [.. Enumerable.Range(0, 4_000).Select(_ => _slabs.Lend(6_500))];
        Assert.InRange(_slabs.Count, 28, 29);
        foreach (var run in many)
            _slabs.TakeBack(run);
        var one = _slabs.Lend(6_500);
        for (int i = 0; i < 1_000_000; i++)
            _slabs.TakeBack(_slabs.Lend(6_500));
        _slabs.TakeBack(one);
        Assert.InRange(_slabs.Count, 1, 2);
    }

    [Fact]
    public void Where_messages_become_shorter_they_move_together()
    {
        Queue<LentMemory> lent = new(Enumerable.Range(0, 2_000).Select(_ => _slabs.Lend(20_000)));
        Assert.InRange(_slabs.Count, 40, 41);
        for (int i = 0; i < 500_000; i++)
        {
            _slabs.TakeBack(lent.Dequeue());
            lent.Enqueue(_slabs.Lend(6_500));
        }

        Assert.InRange(_slabs.Count, 14, 19);
    }

    [Fact]
    public void What_comes_in_bursts_has_the_same_memory_each_time()
    {
        var random = new Random(4711);
        HashSet<byte[]> seen = [];
        for (int burst = 0; burst < 40; burst++)
        {
            // A broker that stalls, of 500 calls: for a moment ten times as much as in the seconds between.
            LentMemory[] many = [.. Enumerable.Range(0, 500).Select(_ => _slabs.Lend(random.Next(6_000, 20_000)))];
            foreach (var run in many)
                seen.Add(run.Array!);
            foreach (var run in many)
                _slabs.TakeBack(run);
            for (int i = 0; i < 10_000; i++)
                _slabs.TakeBack(_slabs.Lend(random.Next(6_000, 20_000)));
        }

        Assert.InRange(seen.Count, 7, 10);
    }

    [Fact]
    public void What_is_too_long_for_a_slab_has_an_array_of_its_own()
    {
        var run = _slabs.Lend(MediaSlabs.LongestShared + 1);
        Assert.Equal((MediaSlabs.LongestShared + 1, 0), (run.Length, _slabs.Count));
        _slabs.TakeBack(run);
    }

    [Fact]
    public void What_is_given_back_twice_is_noticed()
    {
        var run = _slabs.Lend(3_000);
        _slabs.TakeBack(run);
        Assert.Throws<InvalidOperationException>(() => _slabs.TakeBack(run));
    }

    [Fact]
    public async Task Threads_do_not_get_in_each_other_s_way()
    {
        await Parallel.ForAsync(0, 8, TestContext.Current.CancellationToken, (worker, _) =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                var run = _slabs.Lend(2_000 + (i % 5_000));
                Bytes(run).Fill((byte)worker);
                Assert.Equal(-1, Bytes(run).IndexOfAnyExcept((byte)worker));
                _slabs.TakeBack(run);
            }

            return ValueTask.CompletedTask;
        });
        Assert.Equal(1, _slabs.Count);
    }

    private static Span<byte> Bytes(in LentMemory run) => run.Array.AsSpan(run.Offset, run.Length);
}
