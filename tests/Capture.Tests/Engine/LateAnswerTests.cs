using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Engine;

/// <summary>sip-tracker may be away when a call ends: what the call's last messages say must be what it would have been.</summary>
public sealed class LateAnswerTests
{
    private const double Bye = 3000;

    [Theory]
    [InlineData(3010)]
    [InlineData(4700)]
    [InlineData(9050)]
    public void An_end_that_comes_late_changes_no_sample(double endAppliedAt)
    {
        var prompt = Call(endAppliedAt: Bye + 1);
        var late = Call(endAppliedAt);

        Assert.Equal(prompt.Audio(0), late.Audio(0));
        Assert.Equal(prompt.Marks().Last(), late.Marks().Last());
        Assert.Equal(prompt.Of(0).Max(section => section.Through), late.Of(0).Max(section => section.Through));
    }

    [Fact]
    public void Silence_goes_on_once_sip_tracker_has_answered()
    {
        var line = new Line { AnswersSip = false }.Negotiate().Talk(100, packets: 10);
        Sip(line, 400, "OPTIONS").Advance(2000);
        Assert.Equal(300 * 8, line.Of(0).Max(section => section.Through));

        line.Engine.Answered(Line.CallId, 1);
        line.Advance(2100);

        Assert.Equal((2100 - 500) * 8, line.Of(0).Max(section => section.Through));
    }

    [Fact]
    public void An_answer_to_another_call_says_nothing_of_this_one()
    {
        var line = new Line { AnswersSip = false }.Negotiate().Talk(100, packets: 10);
        Sip(line, 400, "BYE");
        Sip(line, 410, "INVITE", "another");
        line.Engine.Answered("another", 2);

        line.Advance(2000);

        Assert.Equal(300 * 8, line.Of(0).Max(section => section.Through));
    }

    [Fact]
    public void A_sip_tracker_that_is_away_for_three_minutes_keeps_no_silence_back()
    {
        var line = new Line { AnswersSip = false }.Negotiate().Talk(100, packets: 10);
        Sip(line, 400, "OPTIONS").Advance(180_600).Advance(180_700);

        Assert.Equal((180_700 - 500) * 8, line.Of(0).Max(section => section.Through));
    }

    // The caller has been silent for long when the BYE comes, and the time goes on before anybody says what the BYE means.
    private static Line Call(double endAppliedAt)
    {
        var line = new Line { AnswersSip = false }.Negotiate().Talk(100, packets: 10);
        Sip(line, Bye, "BYE");
        for (double ms = Bye + 100; ms < endAppliedAt; ms += 100)
            line.Advance(ms);
        line.End(Bye);
        line.Engine.Answered(Line.CallId, 1);
        return line.Advance(endAppliedAt + 1000).Advance(endAppliedAt + 1100);
    }

    private static Line Sip(Line line, double ms, string method, string callId = Line.CallId) =>
        line.Frame(ms, FrameBuilder.Udp(TransportAddress.From([10, 0, 0, 1], 5060), TransportAddress.From([192, 0, 2, 1], 5060), Line.SipBytes(method, callId)));
}
