namespace CallMirror.Capture.Tests.Streams;

/// <summary>Sequence numbers that begin again or stand still under one SSRC (RFC 3550 §5.1, A.1): all packets, in place; and copies stay copies.</summary>
public sealed class NumbersTests
{
    private const double Start = 400;

    [Theory]
    [InlineData(10)]
    [InlineData(50)]
    [InlineData(99)]
    [InlineData(180)]
    [InlineData(1000)]
    [InlineData(1500)]
    public void Numbers_that_begin_again_lose_nothing(int after)
    {
        var talk = new Talk();
        for (int i = 0; i < after + 120; i++)
            talk.Say(Start + 20 * i, i < after ? 1 + i : 1 + i - after);
        AssertWhole(talk.Play(), after + 120);
        Assert.Equal(0, Assert.Single(talk.Line.Quality).Lost);
    }

    [Fact]
    public void Numbers_that_begin_again_thirty_thousand_back_lose_nothing()
    {
        var talk = new Talk();
        for (int i = 0; i < 200; i++)
            talk.Say(Start + 20 * i, i < 100 ? 30_000 + i : i - 100);
        AssertWhole(talk.Play(), 200);
    }

    [Fact]
    public void Numbers_and_timestamps_that_begin_again_lose_nothing()
    {
        var talk = new Talk();
        for (int i = 0; i < 400; i++)
            talk.Say(Start + 20 * i, i < 180 ? 1 + i : 1 + i - 180, (uint)((i < 180 ? i : i - 180) * 160));
        AssertWhole(talk.Play(), 400);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Two_that_were_swapped_where_numbers_begin_again_are_put_back(int from)
    {
        var talk = new Talk();
        for (int i = 0; i < 200; i++)
        {
            int swapped = i == 99 + from ? 21 : i == 100 + from ? -19 : 0;
            talk.Say(Start + 20 * i + swapped, i < 100 ? 1 + i : 1 + i - 100);
        }

        AssertWhole(talk.Play(), 200);
    }

    [Fact]
    public void Numbers_that_begin_again_twice_lose_nothing()
    {
        var talk = new Talk();
        for (int i = 0; i < 300; i++)
            talk.Say(Start + 20 * i, 1 + i % 60);
        AssertWhole(talk.Play(), 300);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Numbers_that_step_back_by_a_few_lose_nothing(int back)
    {
        var talk = new Talk();
        for (int i = 0; i < 200; i++)
            talk.Say(Start + 20 * i, 1 + i - (i < 100 ? 0 : back));
        AssertWhole(talk.Play(), 200);
    }

    [Fact]
    public void A_number_that_stands_still_while_its_timestamp_moves_loses_nothing()
    {
        var talk = new Talk();
        for (int i = 0; i < 200; i++)
            talk.Say(Start + 20 * i, 77);
        AssertWhole(talk.Play(), 200);
    }

    [Fact]
    public void A_number_that_is_used_twice_loses_nothing()
    {
        var talk = new Talk();
        for (int i = 0; i < 200; i++)
            talk.Say(Start + 20 * i, i <= 100 ? i : i - 1);
        AssertWhole(talk.Play(), 200);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(90)]
    [InlineData(1000)]
    public void A_second_copy_stays_one_however_late_it_comes(int packets)
    {
        var (talk, copies) = (new Talk(), new Talk());
        for (int i = 0; i < 1100; i++)
        {
            talk.Say(Start + 20 * i);
            copies.Say(Start + 20 * i);
        }

        copies.Copy(of: 50, Start + 20 * (50 + packets) + 1);
        Assert.Equal(talk.Play().Placed, copies.Play().Placed);
        Assert.Equal(1, Assert.Single(copies.Line.Quality).Duplicates);
    }

    private static void AssertWhole(Talk talk, int packets)
    {
        Assert.Equal(Enumerable.Range(0, packets), talk.Indices);
        Assert.Equal([(3200L, packets * Talk.Samples)], talk.Line.Placed());
    }
}
