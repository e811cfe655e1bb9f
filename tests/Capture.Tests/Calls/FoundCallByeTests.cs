using CallMirror.Capture.Tests.Engine;
using CallMirror.Contracts.Calls;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Calls;

/// <summary>A call that was found by its media ends with the BYE between its hosts, if its media does.</summary>
public sealed class FoundCallByeTests
{
    private static readonly TransportAddress Stranger = TransportAddress.From([198, 51, 100, 9], 5060);

    [Fact]
    public void It_ends_at_a_bye_between_its_hosts_after_which_its_media_stops()
    {
        var line = Found().Talk(1020, packets: 99, firstNumber: 51);
        Bye(line, 3000, Line.Pbx).Advance(4000).Advance(4600).Advance(4700);
        var ended = Assert.Single(line.Ended);
        Assert.Equal((EndReason.Bye, Line.At(3000)), (ended.Reason, ended.At));
    }

    [Fact]
    public void It_goes_on_where_its_media_does()
    {
        var line = Found().Talk(1020, packets: 99, firstNumber: 51);
        Bye(line, 3000, Line.Pbx).Talk(3000, packets: 200, firstNumber: 150).Advance(8000);
        Assert.Empty(line.Ended);
    }

    [Fact]
    public void A_bye_of_other_hosts_is_none_of_its()
    {
        var line = Found().Talk(1020, packets: 99, firstNumber: 51);
        Bye(line, 3000, Stranger).Advance(6000).Advance(6100);
        Assert.Empty(line.Ended);
    }

    /// <summary>That it is over is known a second and a half later, in whatever window that falls.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(130)]
    [InlineData(300)]
    [InlineData(1000)]
    public void No_window_decides_how_much_silence_follows(int windowMs)
    {
        var line = Found(options => options.Window = TimeSpan.FromMilliseconds(windowMs)).Talk(1020, packets: 60, firstNumber: 51);
        Bye(line, 3000, Line.Pbx);
        for (int ms = 3010; ms <= 7000; ms += 10)
            line.Advance(ms);
        Assert.Equal(Line.At(3000), Assert.Single(line.Ended).At);
        // Half a second before the BYE, as for a call of SIP.
        Assert.Equal(2500 * 8, line.Of(0, line.Found[0].CallId).Last().Through);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    public void Another_calls_bye_before_hides_none(int windowMs)
    {
        var line = Found(options => options.Window = TimeSpan.FromMilliseconds(windowMs)).Talk(1020, packets: 69, firstNumber: 51);
        Bye(line, 2400, Line.Pbx, "another").Talk(2400, packets: 20, firstNumber: 120);
        Bye(line, 2790, Line.Pbx, "its own").Talk(2800, packets: 8, firstNumber: 140);
        for (int ms = 3000; ms <= 7000; ms += 10)
            line.Advance(ms);
        var ended = Assert.Single(line.Ended);
        Assert.Equal((EndReason.Bye, Line.At(2790)), (ended.Reason, ended.At));
    }

    [Fact]
    public void Where_its_media_goes_on_silence_does_too()
    {
        var line = Found().Talk(1020, packets: 1, firstNumber: 51);
        line.Rtp(1030, number: 0, ssrc: 2, from: Line.Pbx, to: Line.Caller).Talk(1040, packets: 98, firstNumber: 52);
        Bye(line, 3000, Line.Pbx).Talk(3000, packets: 100, firstNumber: 150).Advance(5000);
        Assert.InRange(line.Of(1, line.Found[0].CallId).Last().Through, 4300 * 8, 4500 * 8);
    }

    /// <summary>Live, sip-tracker's answer that makes a call of the media may come when it has ended.</summary>
    [Fact]
    public void It_ends_at_a_bye_that_came_before_the_answer_which_makes_a_call_of_it()
    {
        var line = new Line { AnswersSip = false }.Talk(0, packets: 150);
        var found = Assert.Single(line.Found);
        Bye(line, 3000, Line.Pbx).Advance(5000);
        line.Accept(found);
        line.Engine.Answered(found.CallId, found.Sequence);
        Assert.Empty(line.Ended);
        line.Engine.Answered(line.Sip[0].CallId, line.Sip[0].Sequence);
        for (int ms = 5010; ms <= 5200; ms += 10)
            line.Advance(ms);
        var ended = Assert.Single(line.Ended);
        Assert.Equal((EndReason.Bye, Line.At(3000)), (ended.Reason, ended.At));
        Assert.Equal(3000 * 8, line.Of(0, found.CallId).Last().Through);
    }

    /// <summary>Live, a call whose INVITE has not been answered is no dialog that nobody knows.</summary>
    [Fact]
    public void A_bye_of_a_call_that_is_about_to_be_known_is_none_of_its()
    {
        var line = Found().Talk(1020, packets: 79, firstNumber: 51);
        line.AnswersSip = false;
        var (caller, pbx) = (Line.Caller.WithPort(5060), Line.Pbx.WithPort(5060));
        line.Frame(2600, FrameBuilder.Udp(caller, pbx, Line.SipBytes("INVITE", "of SIP")));
        Bye(line, 2700, Line.Pbx, "of SIP").Advance(6000);
        line.Negotiate(2600, "of SIP", Line.Caller.WithPort(4), Line.Pbx.WithPort(6));
        foreach (var message in line.Sip)
            line.Engine.Answered(message.CallId, message.Sequence);
        line.Advance(6100).Advance(6300);
        Assert.Empty(line.Ended);
    }

    private static Line Found(Action<CaptureOptions>? configure = null)
    {
        var line = new Line(configure).Talk(0, packets: 51);
        return line.Accept(Assert.Single(line.Found));
    }

    private static Line Bye(Line line, double ms, TransportAddress to, string callId = "unknown") =>
        line.Frame(ms, FrameBuilder.Udp(Line.Caller.WithPort(5060), to.WithPort(5060), Line.SipBytes("BYE", callId)));
}
