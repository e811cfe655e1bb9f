using CallMirror.Capture.Streams;
using CallMirror.Protocols.Rtp;
using CallMirror.TestKit;
using FsCheck.Fluent;

namespace CallMirror.Capture.Tests.Streams;

public sealed class StretchClockTests
{
    private const int Samples = 160;
    private StretchClock _clock = new(StretchClock.LiveAhead);

    [Fact]
    public void The_first_packet_stands_where_it_was_heard()
    {
        Assert.Equal(-1, _clock.End);
        Assert.Equal(1000, Place(777, heard: 1000, follows: false));
        Assert.Equal((1160, 1), (_clock.End, _clock.Stretches));
    }

    [Fact]
    public void Along_a_stretch_timestamps_count_and_not_arrival()
    {
        Place(0, heard: 1000, follows: false);
        Assert.Equal(1160, Place(160, heard: 1400));
        Assert.Equal(1320, Place(320, heard: 1200));
        Assert.Equal(1, _clock.Stretches);
    }

    [Theory]
    [InlineData(12_638)]
    [InlineData(-12_318)]
    public void A_jump_of_timestamps_in_unbroken_sequence_follows_directly(int jump)
    {
        Place(100_000, heard: 1000, follows: false);
        Assert.Equal(1160, Place((uint)(100_160 + jump), heard: 1190));
        Assert.Equal(1320, Place((uint)(100_320 + jump), heard: 1350));
        Assert.Equal(2, _clock.Stretches);
    }

    [Theory]
    [InlineData(1160 + 480, 1160)]
    [InlineData(1160 + 481, 1160 + 481)]
    [InlineData(1160 - 481, 1160)]
    public void A_jump_follows_directly_only_where_the_clock_agrees_within_60_ms(long heard, long expected)
    {
        Place(100_000, heard: 1000, follows: false);
        Assert.Equal(expected, Place(5, heard));
    }

    [Fact]
    public void A_jump_behind_a_gap_stands_where_it_was_heard()
    {
        Place(100_000, heard: 1000, follows: false);
        Assert.Equal(1400, Place(5, heard: 1400, follows: false));
    }

    [Fact]
    public void A_pause_with_right_timestamps_is_as_long_as_they_say()
    {
        Place(0, heard: 1000, follows: false);
        Assert.Equal(9160, Place(8160, heard: 9200));
        Assert.Equal(1, _clock.Stretches);
    }

    [Fact]
    public void A_pause_that_timestamps_do_not_know_of_is_as_long_as_it_was_heard()
    {
        Place(0, heard: 1000, follows: false);
        Assert.Equal(5000, Place(160, heard: 5000));
        Assert.Equal(5160, Place(320, heard: 5160));
        Assert.Equal(2, _clock.Stretches);
    }

    [Theory]
    [InlineData(1160 + 1600, 1160)]
    [InlineData(1160 + 1601, 1160 + 1601)]
    public void Clocks_may_come_apart_by_200_ms(long heard, long expected)
    {
        Place(0, heard: 1000, follows: false);
        Assert.Equal(expected, Place(160, heard));
    }

    [Fact]
    public void Another_source_begins_where_it_was_heard()
    {
        Place(0, heard: 1000, follows: false);
        Assert.Equal(1180, Place(160, heard: 1180, ssrc: 2));
    }

    [Fact]
    public void What_arrives_in_a_burst_is_placed_end_to_end()
    {
        Place(0, heard: 1000, follows: false);
        for (int i = 1; i <= 20; i++)
            Assert.Equal(1000 + i * Samples, Place(0, heard: 1000));
    }

    [Fact]
    public void What_would_lie_more_than_ten_seconds_ahead_is_refused()
    {
        int placed = 0;
        while (_clock.TryPlace(Packet(0, 1), new PlacingCue(0, Follows: true, Floor: -1), Samples, out _))
            placed++;
        Assert.Equal(80_000 / Samples + 1, placed);
        Assert.Equal(placed * Samples, _clock.End);
    }

    [Fact]
    public void Nothing_is_placed_before_what_has_been_sent()
    {
        Place(0, heard: 1000, follows: false);
        Assert.Equal(5000, Place(160, heard: 1160, floor: 5000));
        Assert.Equal(5160, _clock.End);
    }

    [Fact]
    public void An_event_stands_where_its_timestamp_says_or_else_where_it_was_heard()
    {
        Assert.Equal(50, _clock.PositionOf(Packet(0, 1), heard: 50));
        Place(0, heard: 1000, follows: false);
        Assert.Equal(1160, _clock.PositionOf(Packet(160, 1), heard: 1300));
        Assert.Equal(9000, _clock.PositionOf(Packet(160, 1), heard: 9000));
        Assert.Equal(1200, _clock.PositionOf(Packet(160, 2), heard: 1200));
    }

    [Fact]
    public void Stretches_never_overlap() => Properties.Hold(
        (from timestamp in Gen.Frequency((5, Gen.Choose(0, 20_000)), (1, Gen.Choose(int.MinValue, int.MaxValue)))
         from heard in Gen.Choose(0, 20_000)
         from follows in Gen.Elements(true, false)
         from ssrc in Gen.Choose(1, 2)
         select (timestamp, heard, follows, ssrc)).ArrayOf(),
        packets =>
        {
            var clock = new StretchClock(StretchClock.LiveAhead);
            long end = 0;
            foreach (var (timestamp, heard, follows, ssrc) in packets)
            {
                if (!clock.TryPlace(Packet((uint)timestamp, (uint)ssrc), new PlacingCue(heard, follows, Floor: -1), Samples, out long position))
                    continue;
                Assert.True(position >= end);
                end = position + Samples;
                Assert.Equal(end, clock.End);
            }
        });

    private static RtpPacket Packet(uint timestamp, uint ssrc) => new() { Timestamp = new(timestamp), Ssrc = new(ssrc) };

    private long Place(uint timestamp, long heard, bool follows = true, long floor = -1, uint ssrc = 1)
    {
        Assert.True(_clock.TryPlace(Packet(timestamp, ssrc), new PlacingCue(heard, follows, floor), Samples, out long position));
        return position;
    }
}
