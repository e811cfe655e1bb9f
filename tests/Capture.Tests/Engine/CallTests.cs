using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Engine;

/// <summary>Calls through the engine: whose packets, from when to when, and what becomes of the others.</summary>
public sealed class CallTests
{
    [Fact]
    public void Rtp_that_came_before_its_call_was_known_is_claimed()
    {
        var line = new Line().Talk(100, packets: 10).Negotiate(ms: 290).Finish();
        Assert.Equal([(800L, 1600)], line.Placed());
        Assert.Empty(line.Engine.Counters.Drops());
    }

    [Fact]
    public void Rtp_that_nobody_claims_in_time_is_counted()
    {
        var line = new Line().Rtp(0, 0).Rtp(2001, 1).Negotiate(ms: 2001).Finish();
        Assert.Equal([(16_008L, 160)], line.Placed());
        Assert.Equal(1, line.Dropped(DropReason.NoCall));
    }

    [Fact]
    public void Rtp_of_no_call_pushes_out_older_one()
    {
        var line = new Line(options => options.UnclaimedBytes = 65_536).Talk(0, packets: 1000);
        Assert.NotEqual(0, line.Dropped(DropReason.UnclaimedFull) + line.Dropped(DropReason.NoCall));
        line = new Line(options => options.UnclaimedBytes = 65_536);
        for (int i = 0; i < 1000; i++)
            line.Rtp(0, i);
        line.Finish();
        Assert.Equal((619, 381), ((int)line.Dropped(DropReason.UnclaimedFull), (int)line.Dropped(DropReason.NoCall)));
    }

    [Fact]
    public void Rtp_right_after_the_bye_is_taken_and_later_is_not()
    {
        var line = new Line().Negotiate().Talk(100, packets: 10).End(300);
        line.Talk(300, packets: 40, firstNumber: 10).Finish();
        Assert.Equal([(800L, 36 * 160)], line.Placed());
        Assert.Equal(EndReason.Bye, (EndReason)line.Marks().Last().Code);
        Assert.Equal(14, line.Dropped(DropReason.AfterEnd));
    }

    [Fact]
    public void A_call_that_is_silent_too_long_ends_by_itself()
    {
        var line = new Line(options => options.MediaTimeout = TimeSpan.FromSeconds(5)).Negotiate().Talk(100, packets: 10);
        line.Advance(5200);
        Assert.Equal(1, line.Engine.CallCount);
        line.Advance(5300).Advance(6000).Advance(6100);
        Assert.Equal(0, line.Engine.CallCount);
        Assert.Equal((MarkKind.End, (byte)EndReason.MediaTimeout), (line.Marks().Last().Kind, line.Marks().Last().Code));
        Assert.Equal((280 + 5000 - 500) * 8, line.Marks().Last().Position);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(2000)]
    public void A_packet_after_the_media_timeout_does_not_bring_a_call_back_wherever_windows_end(int windowMs)
    {
        var line = new Line(options => (options.MediaTimeout, options.Window) = (TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(windowMs)));
        line.Negotiate().Talk(100, packets: 10).Rtp(5800, 10).Finish();
        Assert.Equal([(800L, 1600)], line.Placed());
        Assert.Equal((byte)EndReason.MediaTimeout, line.Marks().Last().Code);
        Assert.Equal(1, line.Dropped(DropReason.NoCall));
    }

    [Fact]
    public void The_next_call_on_the_ports_gets_its_packets_as_soon_as_the_one_before_is_over()
    {
        var line = new Line(options => options.Window = TimeSpan.FromSeconds(2)).Negotiate().Talk(100, packets: 10).End(300);
        line.Negotiate(ms: 400, callId: "next", caller: Line.Caller.WithPort(50_000)).Rtp(900, 500, ssrc: 9).Finish();
        Assert.Equal([(7200L, 160)], line.Placed(0, "next"));
    }

    [Fact]
    public void Calls_beyond_the_bound_are_refused_and_counted()
    {
        var line = new Line(options => options.MaxCalls = 1).Negotiate();
        line.Negotiate(callId: "second", caller: Line.Caller.WithPort(1), pbx: Line.Pbx.WithPort(1));
        Assert.Equal((1, 1L), (line.Engine.CallCount, line.Dropped(DropReason.TooManyCalls)));
        line.Finish().Negotiate(callId: "third");
        Assert.Equal((1, 1L), (line.Engine.CallCount, line.Dropped(DropReason.TooManyCalls)));
    }

    [Fact]
    public void A_call_id_that_no_message_can_carry_is_refused_and_counted()
    {
        var line = new Line().Negotiate(callId: new string('x', MediaLayout.MaxCallIdBytes + 1)).Talk(0, 10).Finish();
        Assert.Equal((1L, 10L), (line.Dropped(DropReason.BadCallEvent), line.Dropped(DropReason.NoCall)));
        line.Negotiate(callId: new string('x', MediaLayout.MaxCallIdBytes));
        Assert.Equal(1, line.Engine.CallCount);
    }

    [Fact]
    public void A_role_that_is_none_is_refused_and_counted()
    {
        var line = new Line();
        var stream = new NegotiatedStream { Role = 2, Sender = Line.Caller.ToString(), Receiver = Line.Pbx.ToString(), Formats = [] };
        line.Engine.Apply(new MediaNegotiated { CallId = "c", At = Line.At(0), StartedAt = Line.At(0), Version = 1, Streams = [stream] });
        line.Talk(0, 10).Finish();
        Assert.Equal((1L, 10L), (line.Dropped(DropReason.BadCallEvent), line.Dropped(DropReason.NoCall)));
    }

    [Fact]
    public void Events_of_unknown_calls_and_events_without_media_are_ignored()
    {
        var line = new Line().End(0);
        foreach (var callEvent in (CallEvent[])[
            new CallHeld { CallId = "x", At = Line.At(0), By = 0 },
            new CallResumed { CallId = "x", At = Line.At(0), By = 0 },
            new CallStarted { CallId = "x", At = Line.At(0) },
            new CallAnswered { CallId = "x", At = Line.At(0) }])
            line.Engine.Apply(callEvent);
        Assert.Empty(line.Finish().Sections);
        Assert.Equal(0, line.Engine.CallCount);
    }

    [Fact]
    public void Encrypted_media_gives_no_audio_and_is_counted()
    {
        var line = new Line().Negotiate(encrypted: true).Talk(0, 10).Finish();
        Assert.Empty(line.Placed());
        Assert.Equal(10, line.Dropped(DropReason.Encrypted));
        Assert.Equal(-1, line.Of(0).Last().Through);
    }

    [Fact]
    public void Media_that_is_not_decoded_is_counted_by_what_it_is()
    {
        var line = new Line().Negotiate(codec: "OPUS").Talk(0, 3);
        line.Rtp(60, 3, payloadType: 99).Rtp(80, 4, payloadType: 13).Rtp(100, 5, payloadType: 101, payload: [1, 2]).Finish();
        Assert.Equal((3L, 1L, 1L), (line.Dropped(DropReason.UnsupportedCodec), line.Dropped(DropReason.UnknownPayloadType), line.Dropped(DropReason.BadTelephoneEvent)));
        Assert.Empty(line.Placed());
    }

    [Fact]
    public void A_static_payload_type_holds_though_it_was_not_negotiated()
    {
        var line = new Line().Negotiate().Rtp(0, 0, payloadType: 0).Finish();
        Assert.Equal(MediaCodec.Pcmu, Assert.Single(line.Of(0).SelectMany(section => section.Runs)).Codec);
    }

    [Fact]
    public void Audio_far_ahead_of_the_clock_is_counted()
    {
        var line = new Line().Negotiate();
        for (int i = 0; i < 600; i++)
            line.Rtp(0, i, timestamp: 0);
        line.Finish();
        Assert.Equal(80_160, line.Placed().Sum(run => run.Samples));
        Assert.Equal(600 - 80_160 / 160, line.Dropped(DropReason.AheadOfClock));
    }

    [Fact]
    public void Packets_without_payload_change_nothing()
    {
        var line = new Line().Negotiate().Talk(0, 5).Rtp(100, 5, payload: []).Talk(120, 5, firstNumber: 6).Finish();
        Assert.Equal([(0L, 800), (960L, 800)], line.Placed());
    }

    [Fact]
    public void What_is_neither_sip_nor_rtp_is_counted_by_what_it_is()
    {
        var line = new Line().Negotiate();
        line.Frame(0, [1, 2, 3]);
        line.Frame(0, FrameBuilder.Udp(Line.Caller, Line.Pbx, "TEST\0"u8));
        line.Frame(0, FrameBuilder.Udp(Line.Caller, Line.Pbx, [0x80, 200, 0, 1, 0, 0, 0, 1]));
        line.Frame(0, FrameBuilder.Udp(Line.Caller, Line.Pbx, [0x90, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF]));
        line.Frame(0, FrameBuilder.Tcp(Line.Caller, Line.Pbx, 1, TcpFlags.Ack, "Content-Type: event"u8));
        Assert.Equal(
            [(DropReason.NotReadable, 1L), (DropReason.NotSipOrRtp, 2L), (DropReason.Rtcp, 1L), (DropReason.BadRtp, 1L)],
            line.Engine.Counters.Drops());
    }

    [Fact]
    public void Sip_goes_on_over_udp_in_fragments_and_over_tcp()
    {
        byte[] invite = [.. Line.SipBytes(), .. new byte[3000]];
        var line = new Line();
        foreach (byte[] fragment in FrameBuilder.UdpFragments(Line.Caller, Line.Pbx, invite, identification: 5, size: 1400))
            line.Frame(0, fragment);
        line.Frame(1, FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.SipBytes("BYE")));
        line.Frame(2, FrameBuilder.Tcp(Line.Caller, Line.Pbx, 1, TcpFlags.Ack, Line.SipBytes("CANCEL")));
        Assert.Equal(["udp", "udp", "tcp"], line.Sip.Select(message => message.Transport));
        Assert.Equal(invite, line.Sip[0].Payload);
        Assert.Equal(2, line.Dropped(DropReason.Fragment));
    }

    [Fact]
    public void Rtp_in_fragments_is_whole_again()
    {
        var line = new Line().Negotiate();
        byte[] rtp = Line.RtpBytes(0, 0, 1, 8, Line.Voice(0, 2000));
        foreach (byte[] fragment in FrameBuilder.UdpFragments(Line.Caller, Line.Pbx, rtp, identification: 5, size: 800))
            line.Frame(100, fragment);
        Assert.Equal([(800L, 2000)], line.Finish().Placed());
    }

    [Fact]
    public void At_the_end_every_call_ends_and_everything_is_sent()
    {
        var line = new Line().Negotiate().Negotiate(callId: "other", caller: Line.Caller.WithPort(9), pbx: Line.Pbx.WithPort(9));
        line.Talk(0, 5).Rtp(120, 6).Rtp(120, 6, from: Line.Caller.WithPort(9), to: Line.Pbx.WithPort(9)).Finish(EndReason.Stopped);
        Assert.Equal(6 * 160, line.Placed().Sum(run => run.Samples));
        Assert.Equal(160, line.Placed(0, "other").Sum(run => run.Samples));
        Assert.Equal((byte)EndReason.Stopped, line.Marks().Last().Code);
        Assert.Equal((0, 2), (line.Engine.CallCount, line.Quality.Count));
    }

    [Fact]
    public void A_packet_out_of_order_by_microseconds_counts_as_captured_now()
    {
        var line = new Line().Negotiate().Rtp(100, 0).Rtp(99.99, 1).Finish();
        Assert.Equal([(800L, 320)], line.Placed());
        Assert.Equal(Line.Ns(100), line.Engine.NowNs);
    }

    [Fact]
    public void One_packet_with_a_wild_time_changes_nothing_for_the_calls()
    {
        var line = new Line().Negotiate().Talk(100, 5);
        line.Frame(1_000_000_000, FrameBuilder.Udp(Line.Pbx, Line.Pbx, "TEST\0"u8));
        line.Talk(200, 50, firstNumber: 5).Finish();
        Assert.Equal([(800L, 55 * 160)], line.Placed());
        Assert.Equal((byte)EndReason.EndOfCapture, line.Marks().Last().Code);
    }
}
