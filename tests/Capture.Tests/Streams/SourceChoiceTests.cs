using CallMirror.Capture.Tests.Engine;
using CallMirror.Contracts.Media;

namespace CallMirror.Capture.Tests.Streams;

/// <summary>Two sources in one role are never strung together in slices, and one that takes over loses nothing.</summary>
public sealed class SourceChoiceTests
{
    private const double Start = 400;

    [Theory]
    [InlineData(2.5)]
    [InlineData(19)]
    [InlineData(-1)]
    public void A_second_hop_beside_the_first_is_not_heard_and_is_counted(double behindMs)
    {
        var talk = new Talk();
        double first = Math.Max(Start, Start - behindMs);
        Two(talk, first, first + behindMs, packets: 100);
        talk.Play();
        Assert.Equal(behindMs > 0 ? Enumerable.Range(0, 100).Select(i => 2 * i) : Enumerable.Range(0, 100).Select(i => (2 * i) + 1), talk.Indices);
        Assert.Single(talk.Line.Placed());
        Assert.Equal(100, talk.Line.Dropped(DropReason.SecondSource));
    }

    [Fact]
    public void An_announcement_over_a_voice_is_heard_from_where_the_voice_stops()
    {
        var talk = new Talk();
        for (int i = 0; i < 100; i++)
            talk.Say(Start + 20 * i, i, (uint)i * 160, ssrc: 2);
        for (int i = 0; i < 100; i++)
            talk.Say(Start + 1007 + 20 * i, 9000 + i, (uint)(77_777 + i * 160), ssrc: 3);
        talk.Play();
        Assert.Equal(Enumerable.Range(0, 100).Concat(Enumerable.Range(150, 50)), talk.Indices);
        Assert.Equal([(3200L, 16_000), (3200L + 8056 + 50 * 160, 8000)], talk.Line.Placed());
        Assert.Equal(50, talk.Line.Dropped(DropReason.SecondSource));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(60)]
    [InlineData(100)]
    public void A_source_that_takes_over_while_the_last_packets_of_the_other_come_is_heard_whole(int overlapMs)
    {
        var talk = new Talk();
        for (int i = 0; i < 100; i++)
            talk.Say(Start + 20 * i, i, (uint)i * 160, ssrc: 2);
        for (int i = 0; i < 100; i++)
            talk.Say(Start + 2000.5 - overlapMs + 20 * i, i, (uint)i * 160, ssrc: 3);
        talk.Play();
        Assert.Equal(Enumerable.Range(0, 200), talk.Indices);
        Assert.Equal(0, talk.Line.Dropped(DropReason.SecondSource));
    }

    [Fact]
    public void A_source_that_talked_beside_the_other_for_a_second_is_heard_where_the_other_stops()
    {
        var talk = new Talk();
        for (int i = 0; i < 100; i++)
            talk.Say(Start + 20 * i, i, (uint)i * 160, ssrc: 2);
        for (int i = 0; i < 100; i++)
            talk.Say(Start + 1002.5 + 20 * i, i, (uint)i * 160, ssrc: 3);
        talk.Play();
        Assert.Equal([(3200L, 16_000), (3200L + 20 + 16_000, 8000)], talk.Line.Placed());
    }

    [Fact]
    public void The_one_that_stopped_is_the_second_when_it_comes_back()
    {
        var talk = new Talk();
        for (int i = 0; i < 50; i++)
            talk.Say(Start + 20 * i, i, (uint)i * 160, ssrc: 2);
        for (int i = 0; i < 150; i++)
            talk.Say(Start + 1000 + 20 * i, i, (uint)i * 160, ssrc: 3);
        for (int i = 0; i < 50; i++)
            talk.Say(Start + 2009 + 20 * i, 100 + i, (uint)(100 + i) * 160, ssrc: 2);
        talk.Play();
        Assert.Equal(Enumerable.Range(0, 200), talk.Indices);
        Assert.Equal(50, talk.Line.Dropped(DropReason.SecondSource));
    }

    [Fact]
    public void Of_three_sources_one_is_heard_at_a_time()
    {
        var talk = new Talk();
        for (int source = 0; source < 3; source++)
            for (int i = 0; i < 100 + 50 * source; i++)
                talk.Say(Start + 5 * source + 20 * i, i, (uint)i * 160, ssrc: (uint)(2 + source));
        talk.Play();
        Assert.Equal(100 + 50 + 50, talk.Placed.Count);
        Assert.Equal(Enumerable.Range(0, 100).Concat(Enumerable.Range(200, 50)).Concat(Enumerable.Range(400, 50)), talk.Indices);
        Assert.InRange(talk.Line.Placed().Count(), 1, 3);
    }

    [Fact]
    public void A_source_that_waits_is_bounded()
    {
        var talk = new Talk();
        for (int i = 0; i < 20; i++)
            talk.Say(Start + 20 * i, i, (uint)i * 160, ssrc: 2);
        for (int i = 0; i < 400; i++)
            talk.Say(Start + 385 + i * 0.1, i, (uint)i * 160, ssrc: 3);
        talk.Play();
        Assert.Equal(20, talk.Indices.Count(index => index < 20));
        Assert.InRange(talk.Line.Dropped(DropReason.SecondSource), 300, 400);
    }

    [Fact]
    public void Comfort_noise_of_another_source_does_not_interrupt()
    {
        var line = new Line().Negotiate();
        for (int i = 0; i < 50; i++)
            line.Rtp(100 + 20 * i, i).Rtp(105 + 20 * i, i, ssrc: 2, payloadType: 13);
        Assert.Equal([(800L, 50 * 160)], line.Finish().Placed());
        Assert.Equal(0, line.Dropped(DropReason.SecondSource));
    }

    [Fact]
    public void Digits_of_a_second_source_are_not_told_twice()
    {
        var line = new Line().Negotiate();
        for (int i = 0; i < 100; i++)
        {
            bool isDigit = i is >= 50 and < 55;
            foreach (uint ssrc in (uint[])[1, 2])
                line.Rtp(
                    100 + 20 * i + 2 * (ssrc - 1), i, isDigit ? 8000 : (uint)i * 160, ssrc, (byte)(isDigit ? 101 : 8),
                    isDigit ? [5, 10, 0, (byte)(i - 49)] : null);
        }

        line.Finish();
        Assert.Equal(5, Assert.Single(line.Marks(), mark => mark.Kind == MarkKind.Dtmf).Code);
        Assert.Equal(100, line.Dropped(DropReason.SecondSource));
    }

    [Fact]
    public void A_source_that_sends_nothing_but_digits_is_heard()
    {
        var line = new Line().Negotiate();
        for (int i = 0; i < 50; i++)
        {
            line.Rtp(100 + 20 * i, i);
            if (i is >= 20 and < 25)
                line.Rtp(105 + 20 * i, i, 8000, ssrc: 2, payloadType: 101, payload: [5, 10, 0, (byte)i]);
        }

        line.Finish();
        Assert.Single(line.Marks(), mark => mark.Kind == MarkKind.Dtmf);
        Assert.Equal([(800L, 50 * 160)], line.Placed());
    }

    // Both say the same, with SSRCs of their own, in turns.
    private static void Two(Talk talk, double firstMs, double secondMs, int packets)
    {
        for (int i = 0; i < packets; i++)
        {
            talk.Say(firstMs + 20 * i, i, (uint)i * 160, ssrc: 2);
            talk.Say(secondMs + 20 * i, i, (uint)i * 160, ssrc: 3);
        }
    }
}
