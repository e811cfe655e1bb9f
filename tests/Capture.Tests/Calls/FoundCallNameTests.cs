using CallMirror.Capture.Tests.Engine;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Sip;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Calls;

/// <summary>A call that was found by its media, and of which SIP tells later what it is, goes on as it was: it is ended by SIP alone then.</summary>
public sealed class FoundCallNameTests
{
    private const string SipCallId = "late@line";
    private const int Found = 51;

    private readonly Line _line = new Line { AnswersSip = false }.Talk(0, packets: Found);
    private readonly MediaFound _found;

    public FoundCallNameTests()
    {
        _found = Assert.Single(_line.Found);
        _line.Accept(_found).Engine.Answered(_found.CallId, _found.Sequence);
    }

    [Fact]
    public void Its_stream_goes_on_without_a_seam()
    {
        Name(1500).Talk(1020, packets: 99, firstNumber: Found).Finish();
        Assert.Equal([(0L, (Found + 99) * Line.Samples)], _line.Placed(callId: _found.CallId));
        Assert.Equal([_found.CallId], _line.Sections.Select(section => section.CallId).Distinct());
    }

    [Fact]
    public void Silence_does_not_end_it_any_more()
    {
        Name(1500).Talk(1020, packets: 20, firstNumber: Found).Advance(30_000).Advance(30_100);
        Assert.Empty(_line.Ended);
        Assert.Equal(1, _line.Engine.CallCount);
    }

    [Fact]
    public void The_bye_of_its_dialog_ends_it_under_the_name_that_it_was_found_by()
    {
        Name(1500).Talk(1020, packets: 99, firstNumber: Found);
        _line.Engine.Apply(new CallEnded { CallId = _found.CallId, SipCallId = SipCallId, StartedAt = _found.StartedAt, At = Line.At(3000), Reason = EndReason.Bye });
        _line.Advance(3600).Advance(3700);
        Assert.Empty(_line.Ended);
        Assert.Equal(0, _line.Engine.CallCount);
        Assert.Contains(_line.Of(0, _found.CallId).SelectMany(section => section.Marks), mark => (mark.Kind, mark.Code) == (MarkKind.End, (byte)EndReason.Bye));
    }

    [Fact]
    public void What_sip_says_of_it_counts_where_its_message_stands()
    {
        // The message is unanswered while its media runs on: what is said of the call is kept until it is.
        var message = _line.Frame(1030, FrameBuilder.Udp(Line.Caller.WithPort(5060), Line.Pbx.WithPort(5060), Line.SipBytes(callId: SipCallId))).Sip[^1];
        Name(1030);
        Assert.True(_line.Engine.IsWaiting);
        _line.Talk(1040, packets: 50, firstNumber: Found + 1);
        _line.Engine.Answered(message.CallId, message.Sequence);
        _line.Advance(15_000).Advance(15_100);
        Assert.Empty(_line.Ended);
        Assert.Equal([(0L, Found * Line.Samples), (8320L, 50 * Line.Samples)], _line.Placed(callId: _found.CallId));
    }

    [Fact]
    public void One_that_capture_has_ended_meanwhile_is_not_begun_again()
    {
        _line.Advance(20_000).Advance(20_600);
        Assert.Single(_line.Ended);
        Name(20_700);
        Assert.Equal(0, _line.Engine.CallCount);
    }

    private Line Name(double ms)
    {
        _line.Engine.Apply(new MediaNegotiated
        {
            CallId = _found.CallId,
            SipCallId = SipCallId,
            StartedAt = _found.StartedAt,
            At = Line.At(ms),
            Version = 3,
            Streams =
            [
                new() { Role = 0, Sender = _found.Source, Receiver = _found.Destination, Formats = [] },
                new() { Role = 1, Sender = _found.Destination, Receiver = _found.Source, Formats = [] },
            ],
        });
        return _line;
    }
}
