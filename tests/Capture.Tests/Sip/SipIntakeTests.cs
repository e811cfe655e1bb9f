using CallMirror.Capture.Engine;
using CallMirror.Capture.Sip;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Tests.Sip;

public sealed class SipIntakeTests
{
    private readonly CaptureCounters _counters = new();
    private readonly SipIntake _intake;

    public SipIntakeTests() => _intake = new SipIntake(new ControlOrder("capture-1"), _counters);

    [Fact]
    public void A_message_goes_on_as_it_was_with_all_that_is_known_of_it()
    {
        byte[] bytes = Line.SipBytes();
        var sent = Accept(bytes, ms: 5);
        Assert.NotNull(sent);
        Assert.Equal(("capture-1", 1L, Line.CallId, "udp", true), (sent.CaptureId, sent.Sequence, sent.CallId, sent.Transport, sent.AnswerRequested));
        Assert.Equal(("10.0.0.1:40000", "192.0.2.1:16384", Line.At(5)), (sent.Source, sent.Destination, sent.CapturedAt));
        Assert.Equal(bytes, sent.Payload);
        Assert.Equal(2, Accept(Line.SipBytes("BYE"), ms: 6)?.Sequence);
        Assert.Equal(2, _counters.Sip);
    }

    [Theory]
    [InlineData(0.003)]
    [InlineData(100)]
    public void The_mirrors_second_copy_is_dropped(double later)
    {
        Assert.NotNull(Accept(Line.SipBytes(), ms: 0));
        Assert.Null(Accept(Line.SipBytes(), later));
        Assert.Equal(1, _counters.Dropped(DropReason.SipDuplicate));
    }

    [Theory]
    [InlineData(100.001)]
    [InlineData(500)]
    public void A_retransmission_goes_on(double later)
    {
        Assert.NotNull(Accept(Line.SipBytes(), ms: 0));
        Assert.NotNull(Accept(Line.SipBytes(), later));
        Assert.Null(Accept(Line.SipBytes(), later + 0.01));
    }

    [Fact]
    public void The_same_bytes_from_elsewhere_are_another_message()
    {
        Assert.NotNull(Accept(Line.SipBytes(), ms: 0));
        Assert.NotNull(Accept(Line.SipBytes(), ms: 0, from: Line.Caller.WithPort(5070)));
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_no_retransmission_a_copy()
    {
        Assert.NotNull(Accept(Line.SipBytes(), ms: 10_000));
        Assert.NotNull(Accept(Line.SipBytes(), ms: 0));
        Assert.Null(Accept(Line.SipBytes(), ms: 1));
        Assert.NotNull(Accept(Line.SipBytes(), ms: 10_000));
    }

    [Fact]
    public void Only_so_many_are_remembered()
    {
        for (int i = 0; i < 5000; i++)
            Assert.NotNull(Accept(Line.SipBytes(callId: $"c{i}"), ms: 0));
        Assert.Null(Accept(Line.SipBytes(callId: "c4999"), ms: 0));
        Assert.NotNull(Accept(Line.SipBytes(callId: "c0"), ms: 0));
    }

    [Fact]
    public void What_begins_like_sip_and_is_none_is_counted()
    {
        Assert.Null(Accept([.. "INVITE sip:1@pbx SIP/2.0\r\n: :\r\n\0"u8], ms: 0));
        Assert.Equal(1, _counters.Dropped(DropReason.BadSip));
    }

    private SipMessageCaptured? Accept(byte[] bytes, double ms, TransportAddress? from = null)
    {
        var datagram = new Datagram { Transport = Transport.Udp, Source = from ?? Line.Caller, Destination = Line.Pbx, Payload = bytes };
        return _intake.Accept(datagram, Line.Ns(ms));
    }
}
