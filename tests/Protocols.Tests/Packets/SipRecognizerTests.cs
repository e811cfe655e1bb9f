using System.Text;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Packets;

public sealed class SipRecognizerTests
{
    [Theory]
    [InlineData("INVITE sip:1000@example.com SIP/2.0\r\n")]
    [InlineData("ACK sips:a SIP/2.0\n")]
    [InlineData("OPTIONS tel:+49123 SIP/2.0\r\nVia: x")]
    [InlineData("NEWMETHOD http://example.com/ SIP/2.0\r\n")]
    [InlineData("!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)@example.com SIP/2.0\r\n")]
    [InlineData("OPTIONS sip:x@example.com SIP/2.0  \r\n")]
    [InlineData("invite sip:x@y sip/2.0\r\n")]
    [InlineData("SIP/2.0 100 Trying\r\n")]
    [InlineData("SIP/2.0 200 \r\n")]
    [InlineData("SIP/2.0 200\r\n")]
    [InlineData("\r\n\r\nINVITE sip:a@b SIP/2.0\r\n")]
    public void Requests_and_responses_are_recognised(string text) => Assert.True(SipRecognizer.LooksLikeSip(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n")]
    [InlineData("INVITE sip:1000@example.com SIP/2.0")]
    [InlineData("INVITE sip:1000@example.com SIP/7.0\r\n")]
    [InlineData("INVITE nothing SIP/2.0\r\n")]
    [InlineData("sip:a@b SIP/2.0\r\n")]
    [InlineData("INVITE SIP/2.0\r\n........")]
    [InlineData("GET / HTTP/1.1\r\nHost: sip:x SIP/2.0\r\n")]
    [InlineData("SIP/2.0 20 OK\r\n")]
    [InlineData("SIP/2.0 2000 OK\r\n")]
    [InlineData("SIP/2.0 2x0 OK\r\n")]
    [InlineData("Content-Type: auth/request\n\n")]
    [InlineData("jaK ping sip:x\r\n")]
    public void Other_text_is_not(string text) => Assert.False(SipRecognizer.LooksLikeSip(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Nothing_that_starts_like_rtp_stun_or_dtls_is_sip() => Properties.Hold<(byte First, byte[] Tail)>(value =>
    {
        byte[] rest = [.. value.Tail, .. "INVITE sip:a@b SIP/2.0\r\n"u8];
        Assert.False(SipRecognizer.LooksLikeSip([(byte)(0x80 | value.First), .. rest]));
        Assert.False(SipRecognizer.LooksLikeSip([(byte)(value.First % 10), .. rest]));
        Assert.False(SipRecognizer.LooksLikeSip([(byte)(20 + value.First % 12), .. rest]));
    });

    [Fact]
    public void Any_bytes_are_answered_without_an_exception() => Properties.Hold<byte[]>(bytes =>
        Assert.Equal(SipRecognizer.LooksLikeSip(bytes), SipRecognizer.LooksLikeSip(bytes)));
}
