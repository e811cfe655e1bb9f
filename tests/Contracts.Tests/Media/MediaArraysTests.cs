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
    public void Where_thousands_are_in_use_as_many_spare_ones_are_kept_as_a_burst_gives_back()
    {
        byte[][] used = [.. Enumerable.Range(0, 4_000).Select(_ => _arrays.Rent(6_500))];
        foreach (byte[] array in used[..700])
            _arrays.Return(array);
        Assert.Equal(700, _arrays.SpareCount);
        var known = used[..700].ToHashSet();
        Assert.All(Enumerable.Range(0, 700), _ => Assert.Contains(_arrays.Rent(6_500), known));
    }

    [Fact]
    public void When_all_have_come_back_few_are_kept()
    {
        byte[][] used = [.. Enumerable.Range(0, 4_000).Select(_ => _arrays.Rent(6_500))];
        foreach (byte[] array in used)
            _arrays.Return(array);
        Assert.Equal(16, _arrays.SpareCount);
    }

    [Fact]
    public void Longer_ones_are_made_for_the_asking_and_not_kept()
    {
        byte[] array = _arrays.Rent(MediaArrays.LongestKept + 1);
        Assert.Equal(MediaArrays.LongestKept + 1, array.Length);
        _arrays.Return(array);
        Assert.Equal(0, _arrays.SpareCount);
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
        Assert.InRange(_arrays.SpareCount, 1, 16);
    }
}
