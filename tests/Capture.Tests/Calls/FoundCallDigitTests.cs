using CallMirror.Capture.Tests.Engine;
using CallMirror.Contracts.Media;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Tests.Calls;

/// <summary>The keys of a call that was found by its media: no SDP names their payload type.</summary>
public sealed class FoundCallDigitTests
{
    private const int Found = 51;

    private readonly Line _line = new Line().Talk(0, packets: Found);
    private readonly string _callId;
    private int _number = Found;

    public FoundCallDigitTests()
    {
        var found = Assert.Single(_line.Found);
        _callId = found.CallId;
        _line.Accept(found);
    }

    [Theory]
    [InlineData(96)]
    [InlineData(101)]
    [InlineData(127)]
    public void They_are_told_once_each_and_in_order(byte payloadType)
    {
        Press(5, payloadType).Press(11, payloadType).Press(5, payloadType);
        Assert.Equal([5, 11, 5], Digits());
    }

    [Fact]
    public void They_stand_where_they_were_pressed()
    {
        Press(7, 101);
        Assert.Equal(Found * 160L, Assert.Single(Marks()).Position);
    }

    [Fact]
    public void One_packet_is_enough_where_it_is_an_end()
    {
        Event(3, 101, duration: 1600, end: true);
        Assert.Equal([3], Digits());
    }

    [Fact]
    public void Two_that_agree_are_enough_where_the_ends_are_lost()
    {
        uint at = (uint)(_number * 160);
        Event(3, 101, 160, timestamp: at).Event(3, 101, 320, timestamp: at);
        Assert.Equal([3], Digits());
    }

    [Theory]
    [InlineData(3, 101, 160, 1)]
    [InlineData(3, 95, 320, 4)]
    [InlineData(16, 101, 320, 4)]
    public void What_is_shown_by_nothing_is_none(byte key, byte payloadType, int duration, int copies)
    {
        uint at = (uint)(_number * 160);
        for (int i = 0; i < copies; i++)
            Event(key, payloadType, duration, timestamp: at);
        Assert.Empty(Digits());
    }

    [Fact]
    public void A_duration_that_shrinks_is_none()
    {
        uint at = (uint)(_number * 160);
        Event(3, 101, 480, timestamp: at).Event(3, 101, 320, timestamp: at).Event(3, 101, 160, timestamp: at);
        Assert.Empty(Digits());
    }

    [Fact]
    public void Another_source_than_the_one_that_talks_presses_no_keys()
    {
        Event(3, 101, 1600, end: true, ssrc: 99);
        Assert.Empty(Digits());
    }

    [Fact]
    public void In_a_call_whose_sdp_names_no_type_nothing_is_guessed()
    {
        var line = new Line().Negotiate(codec: "PCMA").Talk(0, packets: 10);
        for (int i = 0; i < 3; i++)
            Packet(line, 200 + i, 10 + i, 3, payloadType: 110, 1600, 1600, end: true, ssrc: 1);
        line.Finish();
        Assert.DoesNotContain(line.Marks(), mark => mark.Kind == MarkKind.Dtmf);
    }

    private FoundCallDigitTests Press(byte key, byte payloadType)
    {
        uint at = (uint)(_number * 160);
        for (int i = 1; i <= 8; i++)
            Event(key, payloadType, 160 * Math.Min(i, 5), end: i > 5, timestamp: at);
        _line.Talk(20 * _number, packets: 5, firstNumber: _number);
        _number += 5;
        return this;
    }

    private FoundCallDigitTests Event(byte key, byte payloadType, int duration, bool end = false, uint? timestamp = null, uint ssrc = 1)
    {
        Packet(_line, 20 * _number, _number, key, payloadType, timestamp ?? (uint)(_number * 160), duration, end, ssrc);
        _number++;
        return this;
    }

    private static void Packet(Line line, double ms, int number, byte key, byte payloadType, uint timestamp, int duration, bool end, uint ssrc)
    {
        byte[] payload = new byte[TelephoneEvent.Length];
        new TelephoneEvent(key, end, 10, (ushort)duration).WriteTo(payload);
        line.Rtp(ms, number, timestamp, ssrc, payloadType, payload);
    }

    private IEnumerable<MediaMark> Marks()
    {
        _line.Finish();
        return _line.Of(0, _callId).SelectMany(section => section.Marks).Where(mark => mark.Kind == MarkKind.Dtmf);
    }

    private IEnumerable<int> Digits() => Marks().Select(mark => (int)mark.Code);
}
