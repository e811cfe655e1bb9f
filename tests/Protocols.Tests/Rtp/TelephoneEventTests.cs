using CallMirror.Protocols.Rtp;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Rtp;

public sealed class TelephoneEventTests
{
    [Theory]
    [InlineData(0, '0')]
    [InlineData(9, '9')]
    [InlineData(10, '*')]
    [InlineData(11, '#')]
    [InlineData(12, 'A')]
    [InlineData(15, 'D')]
    [InlineData(16, null)] // flash
    [InlineData(255, null)]
    public void Events_0_to_15_are_digits(byte code, char? digit) => Assert.Equal(digit, new TelephoneEvent(code, false, 0, 0).Digit);

    [Fact]
    public void All_fields_are_read()
    {
        Assert.True(TelephoneEvent.TryParse([5, 0x8A, 0x06, 0x40], out TelephoneEvent value, out _));
        Assert.Equal(new TelephoneEvent(5, true, 10, 1600), value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Fewer_than_four_bytes_are_no_event(int length)
    {
        Assert.False(TelephoneEvent.TryParse(new byte[length], out _, out RtpError error));
        Assert.Equal(RtpError.BadTelephoneEvent, error);
    }

    [Fact]
    public void What_is_written_is_read_back() => Properties.Hold<(byte Event, bool End, byte Volume, ushort Duration)>(v =>
    {
        var value = new TelephoneEvent(v.Event, v.End, (byte)(v.Volume % 64), v.Duration);
        byte[] bytes = new byte[TelephoneEvent.Length];
        value.WriteTo(bytes);
        Assert.True(TelephoneEvent.TryParse(bytes, out TelephoneEvent read, out _));
        Assert.Equal(value, read);
    });
}
