using CallMirror.Contracts.Media;

namespace CallMirror.Contracts.Tests.Media;

public sealed class MediaArraysTests
{
    private readonly MediaArrays _arrays = new();

    [Fact]
    public void An_array_is_as_long_as_asked_for_and_at_most_a_quarter_longer()
    {
        for (int length = 1; length <= MediaArrays.LongestKept; length += 1 + (length / 300))
            Assert.InRange(_arrays.Rent(length).Length, length, Math.Max(1024, length * 5 / 4));
    }

    [Theory]
    [InlineData(0, 1024)]
    [InlineData(1024, 1024)]
    [InlineData(1025, 1280)]
    [InlineData(6_500, 7_168)]
    [InlineData(8_192, 8_192)]
    [InlineData(8_193, 10_240)]
    [InlineData(19_300, 20_480)]
    public void Lengths_are_a_quarter_of_a_power_of_two_apart(int asked, int given) => Assert.Equal(given, _arrays.Rent(asked).Length);

    [Fact]
    public void What_was_given_back_is_used_again()
    {
        byte[] first = _arrays.Rent(3_000);
        _arrays.Return(first);
        Assert.Same(first, _arrays.Rent(2_900));
        Assert.NotSame(first, _arrays.Rent(2_900));
    }

    [Fact]
    public void As_many_are_kept_as_were_in_use()
    {
        byte[][] used = Take(4_000, 6_500);
        foreach (byte[] array in used)
            _arrays.Return(array);
        // Some of what was in use is forgotten by now.
        Assert.InRange(_arrays.SpareBytes, 3_000L * 7_168, 4_000L * 7_168);
        var known = used.ToHashSet();
        Assert.All(Take(3_000, 6_500), array => Assert.Contains(array, known));
    }

    [Fact]
    public void When_fewer_are_used_fewer_are_kept()
    {
        foreach (byte[] array in Take(4_000, 6_500))
            _arrays.Return(array);
        for (int i = 0; i < 100_000; i++)
            _arrays.Return(_arrays.Rent(6_500));
        Assert.InRange(_arrays.SpareBytes, 7_168, MediaArrays.KeptAtLeast);
    }

    [Fact]
    public void Lengths_that_nobody_asks_for_any_more_make_room_for_others()
    {
        foreach (byte[] array in Take(1_000, 6_500))
            _arrays.Return(array);
        foreach (byte[] array in Take(350, 19_300))
            _arrays.Return(array);
        Assert.InRange(_arrays.SpareBytes, 300L * 20_480, 1_000L * 7_168);
        byte[] longer = _arrays.Rent(19_300);
        Assert.Equal(20_480, longer.Length);
    }

    [Fact]
    public void Spare_ones_serve_for_somewhat_shorter_ones()
    {
        byte[] longer = _arrays.Rent(12_900);
        _arrays.Return(longer);
        Assert.NotSame(longer, _arrays.Rent(6_100));
        Assert.Same(longer, _arrays.Rent(6_500));
    }

    [Fact]
    public void Longer_ones_are_made_for_the_asking_and_not_kept()
    {
        byte[] array = _arrays.Rent(MediaArrays.LongestKept + 1);
        Assert.Equal(MediaArrays.LongestKept + 1, array.Length);
        _arrays.Return(array);
        Assert.Equal(0, _arrays.SpareBytes);
    }

    [Fact]
    public async Task No_two_hold_the_same_array_at_a_time()
    {
        await Parallel.ForAsync(0, 8, TestContext.Current.CancellationToken, (worker, _) =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                byte[] array = _arrays.Rent(2_000);
                array.AsSpan().Fill((byte)worker);
                Assert.Equal(-1, array.AsSpan().IndexOfAnyExcept((byte)worker));
                _arrays.Return(array);
            }

            return ValueTask.CompletedTask;
        });
        Assert.InRange(_arrays.SpareBytes, 1, 8 * 2_048);
    }

    private byte[][] Take(int count, int length) => [.. Enumerable.Range(0, count).Select(_ => _arrays.Rent(length))];
}
