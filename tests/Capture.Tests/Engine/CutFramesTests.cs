using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Engine;

/// <summary>Frames that the snapshot length has cut short: what they were is counted.</summary>
public sealed class CutFramesTests
{
    private static readonly TransportAddress CallerV6 = TransportAddress.From([0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 4000);

    [Theory]
    [InlineData(96, 2, 1)]
    [InlineData(80, 2, 0)]
    // Not even the header of UDP is there.
    [InlineData(40, 0, 0)]
    public void Rtp_and_sip_are_told_by_what_there_is_of_them(int snapLength, long rtp, long sip)
    {
        var line = new Line().Negotiate();
        byte[] voice = Line.RtpBytes(1, 160, 1, 8, Line.Voice(1, 160));
        foreach (byte[] frame in (byte[][])[
            FrameBuilder.Udp(Line.Caller, Line.Pbx, voice),
            FrameBuilder.Udp(CallerV6, CallerV6, voice),
            FrameBuilder.Udp(Line.Caller, Line.Pbx.WithPort(5060), "INVITE sip:1001@192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1\r\nMax-Forwards: 70\r\n\r\n"u8),
            FrameBuilder.Udp(Line.Caller, Line.Pbx, new byte[160])])
            line.Frame(0, frame[..snapLength]);
        var counters = line.Engine.Counters;
        Assert.Equal((rtp, sip), (counters.CutRtp, counters.CutSip));
        Assert.Equal((4, 0), (line.Dropped(DropReason.CutShort), counters.Of(CapturedKind.Rtp)));
    }

    [Fact]
    public void Payload_types_of_all_rtp_are_counted()
    {
        var line = new Line();
        foreach (byte type in (byte[])[8, 96, 8])
            line.Frame(0, FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.RtpBytes(1, 160, 1, type, Line.Voice(1, 160))));
        Assert.Equal([(8, 2L), (96, 1L)], line.Engine.Counters.PayloadTypes());
    }
}
