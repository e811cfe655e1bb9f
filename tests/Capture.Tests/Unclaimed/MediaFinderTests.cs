using System.Buffers.Binary;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Contracts.Calls;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Unclaimed;

/// <summary>Calls whose SDP the tap has missed, through the engine: what is told to sip-tracker, when, and how such a call ends.</summary>
public sealed class MediaFinderTests
{
    private const string CallId = "rtp-10.0.0.1-40000-192.0.2.1-16384-1700000000000";

    [Fact]
    public void A_second_of_steady_g711_is_told_with_its_first_packet()
    {
        var line = new Line().Talk(0, packets: 50);
        Assert.Empty(line.Found);
        line.Talk(1000, packets: 150, firstNumber: 50);
        var found = Assert.Single(line.Found);
        Assert.Equal((CallId, Line.At(0), Line.At(1000)), (found.CallId, found.StartedAt, found.CapturedAt));
        Assert.Equal(("10.0.0.1:40000", "192.0.2.1:16384", 8), (found.Source, found.Destination, found.PayloadType));
        Assert.Equal(("line", 1L, true, 1L), (found.CaptureId, found.Sequence, found.AnswerRequested, line.Engine.Counters.Found));
    }

    [Fact]
    public void Accepted_it_is_a_call_from_its_first_packet_on()
    {
        var line = Accepted(new Line().Talk(0, packets: 51)).Talk(1020, packets: 49, firstNumber: 51).Finish();
        Assert.Equal([(0L, 100 * 160)], line.Placed(0, CallId));
        Assert.Empty(line.Engine.Counters.Drops());
    }

    [Fact]
    public void Both_directions_are_one_call_and_who_was_first_is_role_0()
    {
        var line = Dialogue(new Line(), firstMs: 0, packets: 100);
        var found = Assert.Single(line.Found);
        Assert.Equal((CallId, "192.0.2.1:16384", "10.0.0.1:40000"), (found.CallId, found.Source, found.Destination));
    }

    [Fact]
    public void Both_directions_have_all_their_audio()
    {
        var line = new Line();
        for (int i = 0; i < 100; i++)
        {
            line.Rtp(20 * i, i, from: Line.Pbx, to: Line.Caller).Rtp(20 * i + 7, i, ssrc: 2);
            if (line.Found.Count == 1 && line.Engine.CallCount == 0)
                line.Accept(line.Found[0]);
        }

        line.Finish();
        Assert.Equal([(0L, 100 * 160)], line.Placed(0, CallId));
        Assert.Equal([(56L, 100 * 160)], line.Placed(1, CallId));
    }

    [Fact]
    public void A_mirrors_second_copies_change_nothing()
    {
        var line = new Line();
        for (int i = 0; i <= 50; i++)
            line.Rtp(20 * i, i).Rtp(20 * i + 0.01, i);
        Assert.Equal(Line.At(1000), Assert.Single(line.Found).CapturedAt);
    }

    [Fact]
    public void Packets_that_are_lost_or_overtaken_now_and_then_change_nothing()
    {
        var line = new Line();
        foreach (int i in Enumerable.Range(0, 60).Where(i => i % 10 != 5))
            line.Rtp(20 * i, i % 10 == 8 ? i + 1 : i % 10 == 9 ? i - 1 : i);
        Assert.Single(line.Found);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_mostly_lost_is_not_steady(int each)
    {
        var line = new Line();
        for (int i = 0; i < 500; i += each)
            line.Rtp(20 * i, i);
        Assert.Empty(line.Found);
    }

    [Fact]
    public void What_comes_twice_as_fast_as_it_is_heard_is_not_steady()
    {
        var line = new Line();
        for (int i = 0; i < 500; i++)
            line.Rtp(10 * i, i);
        Assert.Empty(line.Found);
    }

    [Theory]
    [InlineData(96, 160)]
    [InlineData(101, 160)]
    [InlineData(18, 20)]
    [InlineData(9, 160)]
    [InlineData(13, 1)]
    [InlineData(8, 170)]
    [InlineData(0, 164)]
    [InlineData(8, 1160)]
    public void What_only_sdp_could_explain_and_what_is_no_g711_is_not_found(byte payloadType, int bytes)
    {
        var line = new Line();
        for (int i = 0; i < 200; i++)
            line.Rtp(20 * i, i, payloadType: payloadType, payload: Line.Voice(i, bytes));
        Assert.Empty(line.Found);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(60)]
    public void Packets_may_be_shorter_or_longer(int ms)
    {
        var line = new Line();
        for (int i = 0; i * ms <= 1000 + ms; i++)
            line.Rtp(ms * i, i, payloadType: 0, payload: Line.Voice(i, 8 * ms));
        Assert.Equal(0, Assert.Single(line.Found).PayloadType);
    }

    [Fact]
    public void Digits_between_the_packets_change_nothing()
    {
        var line = new Line();
        for (int i = 0; i <= 60; i++)
            line.Rtp(20 * i, i, payloadType: (byte)(i % 10 == 5 ? 101 : 8));
        Assert.Single(line.Found);
    }

    [Fact]
    public void Two_senders_on_one_path_are_no_stream()
    {
        var line = new Line();
        for (int i = 0; i < 200; i++)
            line.Rtp(20 * i, i, ssrc: (uint)(i % 2));
        Assert.Empty(line.Found);
    }

    [Fact]
    public void Media_of_a_known_call_is_not_told()
    {
        var line = new Line().Negotiate().Talk(0, packets: 500);
        Assert.Empty(line.Found);
    }

    [Fact]
    public void A_late_negotiation_ends_the_watch()
    {
        var line = new Line().Talk(0, packets: 45).Negotiate(ms: 890).Talk(900, packets: 500, firstNumber: 45);
        Assert.Empty(line.Found);
    }

    [Fact]
    public void A_sender_that_has_missed_the_bye_is_no_call_however_long_it_goes_on()
    {
        var line = new Line().Negotiate().Talk(0, packets: 10).End(200).Talk(200, packets: 3000, firstNumber: 10);
        Assert.Empty(line.Found);
        Assert.Equal(2974, line.Dropped(DropReason.AfterEnd));
    }

    [Fact]
    public void Media_that_sip_tracker_refused_is_told_again_every_few_seconds()
    {
        var line = new Line().Talk(0, packets: 500);
        Assert.Equal([Line.At(1000), Line.At(5000), Line.At(9000)], line.Found.Select(found => found.CapturedAt));
    }

    [Fact]
    public void After_a_pause_it_is_told_again_as_another_call()
    {
        var line = new Line().Talk(0, packets: 60).Talk(5000, packets: 60, firstNumber: 60);
        Assert.Equal([CallId, CallId[..^4] + "5000"], line.Found.Select(found => found.CallId));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(2000)]
    public void Ten_seconds_of_silence_end_it_wherever_windows_end_and_then_it_may_be_found_again(int windowMs)
    {
        var line = Accepted(new Line(options => options.Window = TimeSpan.FromMilliseconds(windowMs)).Talk(0, packets: 51));
        line.Rtp(10_900, 51);
        Assert.Empty(line.Ended);
        line.Rtp(20_900, 52);
        var ended = Assert.Single(line.Ended);
        Assert.Equal((CallId, EndReason.MediaTimeout, Line.At(20_900)), (ended.CallId, ended.Reason, ended.At));
        line.Talk(22_000, packets: 60, firstNumber: 53);
        Assert.Equal(2, line.Found.Count);
    }

    [Fact]
    public void Announced_again_to_a_capture_that_has_just_begun_it_goes_on()
    {
        var found = new Line().Talk(0, packets: 51).Found[0];
        var line = new Line().Advance(60_000).Accept(found).Talk(60_010, packets: 10);
        Assert.Empty(line.Ended);
        Assert.Equal([(480_080L, 1600)], line.Finish().Placed(0, CallId));
    }

    [Fact]
    public void A_negotiated_call_is_not_ended_by_such_a_silence()
    {
        var line = new Line().Negotiate().Talk(0, packets: 10).Rtp(60_000, 10).Finish();
        Assert.Empty(line.Ended);
        Assert.Equal([(0L, 1600), (480_000L, 160)], line.Placed());
    }

    [Fact]
    public void It_is_numbered_in_one_order_with_sip()
    {
        var line = new Line().Frame(0, FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.SipBytes())).Talk(0, packets: 60);
        line.Frame(1200, FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.SipBytes("BYE")));
        Assert.Equal([1L, 3L], line.Sip.Select(sip => sip.Sequence));
        Assert.Equal(2, Assert.Single(line.Found).Sequence);
    }

    [Fact]
    public void It_can_be_turned_off()
    {
        var line = new Line(options => options.FindMedia = false).Talk(0, packets: 500);
        Assert.Empty(line.Found);
    }

    [Fact]
    public void Where_the_ring_has_lost_the_beginning_the_call_begins_with_what_is_left()
    {
        var line = new Line(options => options.UnclaimedFor = TimeSpan.FromMilliseconds(500)).Talk(0, packets: 51);
        Assert.Equal(Line.At(500), Assert.Single(line.Found).StartedAt);
    }

    [Fact]
    public void Only_so_many_senders_are_watched_and_the_idle_make_room()
    {
        var line = new Line();
        for (int i = 0; i < 16_385; i++)
            line.Rtp(0, 0, from: TransportAddress.From([10, 1, (byte)(i >> 8), (byte)i], 1));
        Assert.Equal(1, line.Engine.Counters.Unwatched);
        line.Talk(3000, packets: 60);
        Assert.Equal((1, 1L), (line.Found.Count, line.Engine.Counters.Unwatched));
    }

    [Fact]
    public void A_clock_that_is_set_back_begins_anew()
    {
        var line = new Line().Talk(100_000, packets: 40).Talk(0, packets: 51, firstNumber: 40);
        Assert.Equal(Line.At(1000), Assert.Single(line.Found).CapturedAt);
    }

    [Fact]
    public void A_packet_that_is_watched_costs_nothing()
    {
        var line = new Line().Talk(0, packets: 252);
        byte[] frame = FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.RtpBytes(0, 0, 1, 8, Line.Voice(1, 160)));
        long before = GC.GetAllocatedBytesForCurrentThread();
        // Between two times that sip-tracker is told of it.
        for (int i = 252; i < 448; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(14 + 20 + 8 + 2), (ushort)i);
            line.Engine.Accept(LinkType.Ethernet, frame, Line.Ns(20 * i));
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 6_000);
    }

    private static Line Accepted(Line line) => line.Accept(Assert.Single(line.Found));

    private static Line Dialogue(Line line, double firstMs, int packets)
    {
        for (int i = 0; i < packets; i++)
            line.Rtp(firstMs + 20 * i, i, from: Line.Pbx, to: Line.Caller).Rtp(firstMs + 20 * i + 7, i, ssrc: 2);
        return line;
    }
}
