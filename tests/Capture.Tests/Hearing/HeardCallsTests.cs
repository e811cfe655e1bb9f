using CallMirror.Capture.Hearing;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Contracts.Calls;

namespace CallMirror.Capture.Tests.Hearing;

/// <summary>Which calls are heard both ways, one way and not at all.</summary>
public sealed class HeardCallsTests
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(10);
    private const int Packets = 700;

    private readonly Line _line = new Line().Negotiate();

    private CallsHeard Heard => _line.Engine.Hear(Span);

    [Fact]
    public void A_call_that_rings_is_not_missed()
    {
        Talk(caller: false, callee: true);
        Assert.Equal(new CallsHeard(1, 1, 0, 0, 0), Heard);
    }

    [Fact]
    public void An_answered_call_of_one_side_is_one_way_after_ten_seconds()
    {
        Answer();
        Talk(caller: true, callee: false, packets: 490);
        Assert.Equal(new CallsHeard(1, 1, 0, 0, 0), Heard);
        Talk(caller: true, callee: false, fromMs: 9800);
        Assert.Equal(new CallsHeard(1, 1, 0, 1, 0), Heard);
    }

    [Fact]
    public void An_answered_call_without_a_packet_is_silent()
    {
        Answer();
        _line.Advance(11_000);
        Assert.Equal(new CallsHeard(1, 1, 0, 0, 1), Heard);
    }

    [Fact]
    public void Both_sides_are_heard_at_once_and_missed_if_one_goes()
    {
        Talk(caller: true, callee: true, packets: 10);
        Assert.Equal(new CallsHeard(1, 1, 1, 0, 0), Heard);
        Talk(caller: true, callee: false, fromMs: 200);
        Assert.Equal(new CallsHeard(1, 1, 0, 1, 0), Heard);
    }

    [Fact]
    public void Who_is_on_hold_need_not_send_nor_at_once_when_it_goes_on()
    {
        Answer();
        Talk(caller: true, callee: true, packets: 10);
        _line.Engine.Apply((CallEvent)new CallHeld { CallId = Line.CallId, At = Line.At(300), By = 0 });
        Talk(caller: true, callee: false, fromMs: 300);
        Assert.Equal(new CallsHeard(1, 1, 0, 0, 0), Heard);
        _line.Engine.Apply((CallEvent)new CallResumed { CallId = Line.CallId, At = Line.At(14_300), By = 0 });
        Talk(caller: true, callee: false, fromMs: 14_300, packets: 10);
        Assert.Equal(new CallsHeard(1, 1, 0, 0, 0), Heard);
        Talk(caller: true, callee: false, fromMs: 14_500);
        Assert.Equal(new CallsHeard(1, 1, 0, 1, 0), Heard);
    }

    [Fact]
    public void A_call_that_is_over_is_not_heard()
    {
        Answer();
        _line.End(500);
        Assert.Equal(default, Heard);
    }

    [Fact]
    public void A_call_that_was_found_counts_without_an_answer()
    {
        var line = new Line();
        line.Talk(0, 60);
        line.Accept(Assert.Single(line.Found));
        line.Talk(1200, Packets, firstNumber: 60);
        Assert.Equal(new CallsHeard(1, 0, 0, 1, 0), line.Engine.Hear(Span));
    }

    [Fact]
    public void What_waits_for_an_answer_of_sip_tracker_is_not_missed()
    {
        Answer();
        _line.AnswersSip = false;
        _line.Frame(100, TestKit.FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.SipBytes()));
        Talk(caller: true, callee: true, fromMs: 200);
        Assert.Equal(0, Heard.Silent);
    }

    private void Answer() => _line.Engine.Apply((CallEvent)new CallAnswered { CallId = Line.CallId, At = Line.At(0) });

    private void Talk(bool caller, bool callee, int fromMs = 0, int packets = Packets)
    {
        for (int i = 0; i < packets; i++)
        {
            int number = fromMs / 20 + i;
            if (caller)
                _line.Rtp(fromMs + 20 * i, number);
            if (callee)
                _line.Rtp(fromMs + 20 * i, number, ssrc: 2, from: Line.Pbx, to: Line.Caller);
        }
    }
}
