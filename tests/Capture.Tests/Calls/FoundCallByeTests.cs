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

    private static Line Found()
    {
        var line = new Line().Talk(0, packets: 51);
        return line.Accept(Assert.Single(line.Found));
    }

    private static Line Bye(Line line, double ms, TransportAddress to) =>
        line.Frame(ms, FrameBuilder.Udp(Line.Caller.WithPort(5060), to.WithPort(5060), Line.SipBytes("BYE", "unknown")));
}
