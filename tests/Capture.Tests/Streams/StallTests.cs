namespace CallMirror.Capture.Tests.Streams;

/// <summary>A stall is no pause: what was held up on its way stands where it was spoken, what was spoken after a pause where it was heard.</summary>
public sealed class StallTests
{
    private const double Start = 400;

    [Theory]
    [InlineData(150)]
    [InlineData(220)]
    [InlineData(300)]
    [InlineData(450)]
    public void Packets_that_were_held_up_stand_where_they_were_spoken(int stallMs)
    {
        var talk = new Talk().Say(Start, 250, Stall(100, stallMs)).Play();
        AssertAll(talk, 250);
        Assert.Equal([0], talk.Shifts(Start));
    }

    [Theory]
    [InlineData(1000, 500)]
    [InlineData(3000, 2500)]
    public void A_stall_beyond_half_a_second_has_no_gap_and_no_loss_and_comes_back_to_its_time_in_the_next_gap(int stallMs, double behind)
    {
        var talk = new Talk().Say(Start, 250, Stall(100, stallMs));
        talk.Lose(150);
        talk.Say(Start + 400 * 20, 50, _ => 0).Play();
        Assert.Equal(300, talk.Placed.Count);
        Assert.Equal([0, behind, 0], talk.Shifts(Start));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(3000)]
    public void A_stream_behind_its_time_comes_back_while_silence_is_sent(int stallMs)
    {
        var talk = new Talk().Say(Start, 250, Stall(100, stallMs)).Say(Start + 250 * 20, 150, _ => 0, quiet: true);
        talk.Say(Start + 400 * 20, 50, _ => 0).Play();
        Assert.Equal([0, stallMs - 500, 0], talk.Shifts(Start));
        Assert.Equal(300, talk.Placed.Count);
        Assert.Equal((stallMs - 500) / 20, talk.Line.Dropped(DropReason.LateSilence));
    }

    [Fact]
    public void Silence_is_left_out_of_no_stream_that_stands_in_its_time()
    {
        var talk = new Talk().Say(Start, 100, Stall(50, 300)).Say(Start + 2000, 100, _ => 0, quiet: true).Say(Start + 4000, 50, _ => 0).Play();
        Assert.Equal([(3200L, 250 * 160)], talk.Line.Placed());
    }

    [Fact]
    public void Two_stalls_in_a_call_are_two()
    {
        var talk = new Talk().Say(Start, 300, i => Math.Max(Stall(50, 300)(i), Stall(200, 400)(i))).Play();
        AssertAll(talk, 300);
        Assert.Equal([0], talk.Shifts(Start));
    }

    [Fact]
    public void A_stall_on_the_heels_of_another_is_one_too()
    {
        // One packet gets through in the middle, 300 ms late.
        var talk = new Talk().Say(Start, 200, i => i switch { 100 => 300, > 100 and < 124 => Math.Max(0, 480 - (i - 100) * 20), _ => 0 }).Play();
        AssertAll(talk, 200);
        Assert.Equal([0], talk.Shifts(Start));
    }

    [Theory]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(104)]
    [InlineData(114)]
    public void A_packet_that_is_lost_in_a_stall_is_silence_of_its_length(int lost)
    {
        var talk = new Talk();
        for (int i = 0; i < 200; i++)
            if (i == lost)
                talk.Lose();
            else
                talk.Say(Start + 20 * i + Stall(100, 300)(i));
        talk.Play();
        Assert.Equal(199, talk.Placed.Count);
        Assert.Equal([0], talk.Shifts(Start));
    }

    [Fact]
    public void Packets_that_overtake_each_other_in_the_burst_are_put_back()
    {
        var talk = new Talk().Say(Start, 200, i => i == 110 ? Stall(100, 300)(100) - 199 : Stall(100, 300)(i)).Play();
        AssertAll(talk, 200);
        Assert.Equal([0], talk.Shifts(Start));
    }

    [Fact]
    public void A_burst_that_takes_a_while_is_a_stall_too()
    {
        // Twice as fast as time.
        var talk = new Talk().Say(Start, 200, i => i >= 100 ? Math.Max(0, 300 - (i - 100) * 10) : 0).Play();
        AssertAll(talk, 200);
        Assert.Equal([0], talk.Shifts(Start));
    }

    [Theory]
    [InlineData(220)]
    [InlineData(300)]
    [InlineData(3000)]
    public void A_pause_that_timestamps_do_not_know_of_is_as_long_as_it_was_heard(int pauseMs)
    {
        var talk = new Talk().Say(Start, 100, _ => 0).Say(Start + 2000 + pauseMs, 100, _ => 0).Play();
        AssertAll(talk, 200);
        Assert.Equal([0, pauseMs], talk.Shifts(Start));
    }

    [Fact]
    public void A_pause_whose_first_packet_was_late_is_as_long_as_the_others_say()
    {
        var talk = new Talk().Say(Start, 100, _ => 0).Say(Start + 3000, 100, i => Math.Max(0, 90 - i * 19)).Play();
        Assert.Equal([0, 1000], talk.Shifts(Start));
    }

    [Fact]
    public void A_single_packet_after_a_pause_stands_where_it_was_heard()
    {
        var talk = new Talk().Say(Start, 100, _ => 0).Say(Start + 3000).Play();
        Assert.Equal([0, 1000], talk.Shifts(Start));
    }

    [Fact]
    public void A_pause_with_right_timestamps_is_no_matter_of_doubt()
    {
        var talk = new Talk().Say(Start, 100, _ => 0);
        talk.Lose(50);
        talk.Say(Start + 3000, 100, _ => 0).Play();
        Assert.Equal([0], talk.Shifts(Start));
    }

    [Theory]
    [InlineData(1.005)]
    [InlineData(0.995)]
    [InlineData(1.0001)]
    [InlineData(0.9999)]
    public void A_clock_that_is_slow_or_fast_cuts_nothing_and_begins_no_stretch_for_each_packet(double rate)
    {
        const int Packets = 2500;
        var talk = new Talk().Say(Start, Packets, i => 20 * i * (rate - 1)).Play();
        AssertAll(talk, Packets);
        Assert.Equal([0], talk.Shifts(Start));
        Assert.Equal(1, Assert.Single(talk.Line.Quality).Stretches);
    }

    [Theory]
    [InlineData(1.005)]
    [InlineData(0.995)]
    public void A_clock_that_is_slow_or_fast_is_followed_where_nobody_speaks(double rate)
    {
        var talk = new Talk();
        for (int i = 0; i < 4500; i++)
            talk.Say(Start + 20 * i * rate, quiet: i % 300 >= 250);
        talk.Play();
        Assert.Equal(4500 / 300 * 250, talk.Placed.Count);
        Assert.All(talk.Placed, packet => Assert.InRange(packet.Position / 8.0 - Start - packet.Index * 20 * rate, -310, 310));
        Assert.InRange(Assert.Single(talk.Line.Quality).Stretches, 1, 10);
    }

    [Fact]
    public void A_way_that_becomes_longer_bit_by_bit_and_short_again_moves_nothing()
    {
        var talk = new Talk().Say(Start, 300, i => i is >= 100 and < 150 ? (i - 100) * 7 : i is >= 150 and < 200 ? (200 - i) * 7 : 0).Play();
        AssertAll(talk, 300);
        Assert.Equal([0], talk.Shifts(Start));
    }

    // From a packet on nothing comes for a while, and then all of it, 0.2 ms apart.
    private static Func<int, double> Stall(int from, double ms) => i => i < from ? 0 : Math.Max(0, ms - (i - from) * 19.8);

    private static void AssertAll(Talk talk, int packets) => Assert.Equal(Enumerable.Range(0, packets), talk.Indices);
}
