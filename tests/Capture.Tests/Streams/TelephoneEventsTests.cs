using CallMirror.Capture.Streams;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Tests.Streams;

public sealed class TelephoneEventsTests
{
    private readonly TelephoneEvents _events = new();
    private int _number = 65_530;

    [Fact]
    public void A_digit_of_a_dozen_packets_is_one()
    {
        bool[] isNew = [.. Enumerable.Range(1, 9).Select(i => See(1000, digit: 5, duration: i * 160)), .. Enumerable.Range(0, 3).Select(_ => See(1000, 5, 1440, end: true))];
        Assert.Equal([true, .. Enumerable.Repeat(false, 11)], isNew);
    }

    [Fact]
    public void The_same_digit_again_is_another()
    {
        See(1000, 5, 1440, end: true);
        Assert.True(See(4000, 5, 160));
        Assert.False(See(4000, 5, 1440, end: true));
    }

    [Fact]
    public void A_digit_whose_beginning_is_lost_counts_by_its_end() => Assert.True(See(1000, 7, 1440, end: true));

    [Fact]
    public void A_digit_whose_end_is_lost_does_not_swallow_the_next()
    {
        See(1000, 5, 160);
        Assert.True(See(4000, 5, 160));
        Assert.True(See(7000, 6, 160));
    }

    [Fact]
    public void A_long_digit_goes_on_as_segments()
    {
        Assert.True(See(1000, 1, ushort.MaxValue));
        Assert.False(See(1000 + ushort.MaxValue, 1, 160));
        Assert.False(See(1000 + ushort.MaxValue, 1, 800, end: true));
    }

    [Fact]
    public void A_segment_whose_last_packet_is_lost_still_goes_on()
    {
        Assert.True(See(1000, 1, 65_000));
        Assert.False(See(1000 + ushort.MaxValue, 1, 160));
    }

    [Fact]
    public void Another_digit_where_a_segment_would_begin_is_another() => Assert.True(See(1000, 1, 800) && See(1800, 2, 160));

    [Fact]
    public void Another_source_dials_for_itself() => Assert.True(See(1000, 1, 800) && See(1000, 1, 800, ssrc: 2));

    [Fact]
    public void A_new_timestamp_on_the_copies_of_an_end_is_no_new_digit()
    {
        Assert.True(See(8000, 5, 160));
        Assert.False(See(8000, 5, 1440, end: true));
        Assert.False(See(8160, 5, 1440, end: true));
        Assert.False(See(8320, 5, 1440, end: true, lost: 1));
    }

    [Theory]
    [InlineData(160, 0)]
    [InlineData(0, 160)]
    public void A_timestamp_that_moves_with_each_packet_of_a_press_is_one_digit(int growth, int step)
    {
        Assert.True(See(8000, 5, 160));
        for (int i = 1; i < 10; i++)
            Assert.False(See(8000 + (160 * i), 5, 160 + (growth * i) + step, end: i > 7));
    }

    [Fact]
    public void The_same_digit_pressed_again_at_once_is_two()
    {
        See(8000, 5, 800);
        See(8000, 5, 960, end: true);
        Assert.True(See(9120, 5, 160));
        See(9120, 5, 960, end: true);
        Assert.True(See(10_240, 5, 960, end: true));
        Assert.True(See(10_800, 5, 960, end: true, marker: true));
    }

    [Fact]
    public void An_end_that_overlaps_behind_a_break_of_numbers_is_another_digit()
    {
        See(8000, 5, 960, end: true);
        Assert.True(See(8160, 5, 960, end: true, lost: 20));
    }

    [Fact]
    public void Another_digit_under_the_same_timestamp_is_another()
    {
        Assert.True(See(8000, 5, 160));
        Assert.True(See(8000, 6, 160));
        Assert.False(See(8000, 6, 320, end: true));
    }

    private bool See(int timestamp, byte digit, int duration, bool end = false, uint ssrc = 1, bool marker = false, int lost = 0) => _events.IsNew(
        new RtpPacket { SequenceNumber = new((ushort)(_number += 1 + lost)), Timestamp = new((uint)timestamp), Ssrc = new(ssrc), Marker = marker },
        new TelephoneEvent(digit, end, 10, (ushort)duration));
}
