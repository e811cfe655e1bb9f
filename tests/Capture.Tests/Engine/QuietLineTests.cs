namespace CallMirror.Capture.Tests.Engine;

/// <summary>
/// Nothing is to be read, and the clock goes on: a packet may still be on its way through the kernel, and nothing may be decided that it could
/// change.
/// </summary>
public sealed class QuietLineTests
{
    private const int Talked = 10;

    [Theory]
    [InlineData(250)]
    [InlineData(2000)]
    [InlineData(3_600_000)]
    public void A_packet_that_a_machine_that_stood_still_hands_over_late_stands_at_its_own_time(double stoodStillMs)
    {
        var line = new Line().Negotiate().Talk(100, Talked);
        for (int i = 0; i < 3; i++)
            Tick(line, 300 + stoodStillMs + i);
        line.Talk(300, packets: 1, firstNumber: Talked).Finish();

        Assert.Equal([(100 * 8, (Talked + 1) * Line.Samples)], line.Placed());
    }

    [Fact]
    public void A_packet_behind_a_loss_is_not_given_up_while_the_one_before_it_is_on_its_way()
    {
        var line = new Line().Negotiate().Talk(100, Talked).Talk(320, packets: 1, firstNumber: Talked + 1);
        for (int ms = 325; ms <= 500; ms += 5)
            Tick(line, ms);
        line.Talk(330, packets: 1, firstNumber: Talked).Finish();

        Assert.Equal([(100 * 8, (Talked + 2) * Line.Samples)], line.Placed());
        Assert.Equal(0, line.Quality.Sum(stream => stream.Lost));
    }

    [Fact]
    public void Windows_are_closed_by_the_clock()
    {
        var line = new Line().Negotiate().Talk(100, Talked);

        Tick(line, 400);

        Assert.Equal([(100 * 8, Talked * Line.Samples)], line.Placed());
    }

    [Fact]
    public void Silence_comes_a_quarter_of_a_second_later_than_on_a_line_that_carries_packets()
    {
        var line = new Line().Negotiate().Talk(100, Talked);
        for (int ms = 300; ms <= 2000; ms += 10)
            Tick(line, ms);

        Assert.Equal((2000 - 500 - 250) * 8, line.Of(0).Max(section => section.Through));
    }

    private static void Tick(Line line, double ms)
    {
        line.Engine.Tick(Line.Ns(ms));
        line.Drain();
    }
}
