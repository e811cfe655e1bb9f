namespace CallMirror.Capture.Tests.Streams;

public sealed class SourceOrderTests
{
    [Fact]
    public void The_first_packets_wait_for_one_that_they_overtook()
    {
        var ordered = new Ordered().Arrive(2, 0).Arrive(1, 5).Arrive(3, 20);
        Assert.Empty(ordered.Given);
        ordered.Expire(100);
        Assert.Empty(ordered.Given);
        ordered.Expire(101);
        Assert.Equal([(1, false), (2, true), (3, true)], ordered.Given);
        Assert.Equal(0, ordered.Counts.Lost);
    }

    [Fact]
    public void Packets_in_order_are_handed_on_at_once()
    {
        var ordered = Ordered.Started().Arrive(101, 220).Arrive(102, 240);
        Assert.Equal([(101, true), (102, true)], ordered.Given);
    }

    [Fact]
    public void Two_that_were_swapped_are_put_back()
    {
        var ordered = Ordered.Started().Arrive(102, 220).Arrive(101, 225).Arrive(103, 240);
        Assert.Equal([(101, true), (102, true), (103, true)], ordered.Given);
        Assert.Equal((1, 0, 0), (ordered.Counts.Reordered, ordered.Counts.Lost, ordered.Counts.Late));
    }

    [Fact]
    public void Two_that_were_swapped_at_the_end_are_put_back()
    {
        Assert.Equal([101, 102], Ordered.Started().Arrive(102, 220).Arrive(101, 221).Flush().Numbers);
    }

    [Fact]
    public void A_packet_that_never_comes_is_lost_and_what_follows_it_says_so()
    {
        var ordered = Ordered.Started().Arrive(102, 220).Arrive(103, 240);
        Assert.Empty(ordered.Given);
        ordered.Expire(321);
        Assert.Equal([(102, false), (103, true)], ordered.Given);
        Assert.Equal(1, ordered.Counts.Lost);
    }

    [Fact]
    public void A_packet_late_by_as_much_as_the_wait_still_counts()
    {
        var ordered = Ordered.Started().Arrive(102, 220).Arrive(101, 320);
        Assert.Equal([(101, true), (102, true)], ordered.Given);
        Assert.Equal(0, ordered.Counts.Late);
    }

    [Fact]
    public void A_packet_later_than_the_wait_is_dropped_and_counted()
    {
        var ordered = Ordered.Started().Arrive(102, 220).Arrive(101, 321);
        Assert.Equal([(102, false)], ordered.Given);
        Assert.Equal((1, 1, 0), (ordered.Counts.Late, ordered.Counts.Lost, ordered.Counts.Duplicates));
    }

    [Fact]
    public void Two_gaps_are_given_up_each_in_its_time()
    {
        var ordered = Ordered.Started().Arrive(102, 220).Arrive(104, 260);
        ordered.Expire(321);
        Assert.Equal([102], ordered.Numbers);
        ordered.Expire(361);
        Assert.Equal([102, 104], ordered.Numbers);
        Assert.Equal(2, ordered.Counts.Lost);
    }

    [Theory]
    [InlineData(101, 220)]
    [InlineData(101, 240)]
    [InlineData(100, 240)]
    public void A_second_copy_is_dropped(int number, int ms)
    {
        var ordered = Ordered.Started().Arrive(101, 220).Arrive(number, ms).Arrive(102, 240);
        Assert.Equal([101, 102], ordered.Numbers);
        Assert.Equal((1, 0), (ordered.Counts.Duplicates, ordered.Counts.Late));
    }

    [Fact]
    public void A_second_copy_of_what_waits_is_dropped()
    {
        var ordered = Ordered.Started().Arrive(102, 220).Arrive(103, 221).Arrive(102, 222).Arrive(103, 223).Arrive(101, 224);
        Assert.Equal([101, 102, 103], ordered.Numbers);
        Assert.Equal(2, ordered.Counts.Duplicates);
    }

    [Fact]
    public void A_second_copy_a_thousand_packets_later_is_still_one()
    {
        var ordered = Ordered.Started();
        for (int i = 1; i <= 1000; i++)
            ordered.Arrive(100 + i, 200 + i);
        ordered.Arrive(101, 1300);
        Assert.Equal(1000, ordered.Given.Count);
        Assert.Equal(1, ordered.Counts.Duplicates);
    }

    [Fact]
    public void A_number_that_was_lost_is_not_mistaken_for_one_seen_a_lap_before()
    {
        var ordered = Ordered.Started();
        for (int i = 101; i < 3000; i++)
        {
            if (i != 2500)
                ordered.Arrive(i, 200 + i);
        }

        ordered.Arrive(2500, 4000);
        Assert.Equal((1, 0), (ordered.Counts.Late, ordered.Counts.Duplicates));
    }

    [Fact]
    public void Sequence_numbers_wrap()
    {
        var ordered = new Ordered().Arrive(65534, 0);
        ordered.Expire(150);
        ordered.Arrive(65535, 160).Arrive(1, 180).Arrive(0, 181).Arrive(65535, 182).Arrive(2, 200);
        Assert.Equal([65534, 65535, 0, 1, 2], ordered.Numbers);
        Assert.Equal((1, 0), (ordered.Counts.Duplicates, ordered.Counts.Lost));
    }

    [Fact]
    public void A_jump_that_a_second_packet_confirms_is_a_new_beginning()
    {
        var ordered = Ordered.Started().Arrive(20_000, 220).Arrive(20_001, 240).Arrive(20_002, 260).Flush();
        Assert.Equal([(20_000, false), (20_001, true), (20_002, true)], ordered.Given);
        Assert.Equal((0, 0), (ordered.Counts.Lost, ordered.Counts.Late));
    }

    [Fact]
    public void Two_that_were_swapped_at_a_jump_are_put_back()
    {
        Assert.Equal([20_000, 20_001, 20_002], Ordered.Started().Arrive(20_001, 220).Arrive(20_000, 221).Arrive(20_002, 240).Flush().Numbers);
    }

    [Fact]
    public void A_jump_comes_twice_from_a_mirror_and_counts_once()
    {
        var ordered = Ordered.Started();
        foreach (int number in (int[])[20_000, 20_000, 20_001, 20_001])
            ordered.Arrive(number, 220);
        Assert.Equal([20_000, 20_001], ordered.Flush().Numbers);
        Assert.Equal(2, ordered.Counts.Duplicates);
    }

    [Fact]
    public void A_stray_packet_is_dropped_once_the_stream_goes_on()
    {
        var ordered = Ordered.Started().Arrive(20_000, 210).Arrive(101, 220).Arrive(102, 240).Flush();
        Assert.Equal([(101, true), (102, true)], ordered.Given);
        Assert.Equal(1, ordered.Counts.Late);
    }

    [Fact]
    public void A_jump_that_nothing_refutes_is_handed_on_after_the_wait()
    {
        var ordered = Ordered.Started().Arrive(20_000, 220);
        ordered.Expire(320);
        Assert.Empty(ordered.Given);
        ordered.Expire(321);
        Assert.Equal([(20_000, false)], ordered.Given);
    }

    [Fact]
    public void Flush_hands_on_all_that_wait()
    {
        var ordered = Ordered.Started().Arrive(102, 220).Arrive(104, 221).Arrive(20_000, 222).Flush();
        Assert.Equal([(102, false), (104, false), (20_000, false)], ordered.Given);
        Assert.Equal(2, ordered.Counts.Lost);
    }

    [Fact]
    public void A_gap_is_given_up_when_too_much_waits_behind_it()
    {
        var ordered = Ordered.Started();
        for (int i = 0; i < 128; i++)
            ordered.Arrive(102 + i, 210);
        Assert.Empty(ordered.Given);
        ordered.Arrive(230, 210);
        Assert.Equal(Enumerable.Range(102, 129), ordered.Numbers);
    }
}
