using CallMirror.Protocols.Rtp;

namespace CallMirror.Protocols.Tests.Rtp;

public sealed class RtpClassifierTests
{
    [Theory]
    [InlineData("800800010000000000000001", PacketKind.Rtp)]
    [InlineData("80c800060000000000000001", PacketKind.Rtcp)] // sender report
    [InlineData("80c9000100000001", PacketKind.Rtcp)] // empty receiver report
    [InlineData("81ca0002000000010000000000000000", PacketKind.Rtcp)] // SDES
    [InlineData("80080001000000000000", PacketKind.Other)] // too short
    [InlineData("80c9", PacketKind.Other)]
    [InlineData("8f0800010000000000000001", PacketKind.Other)] // 15 CSRCs that are not there
    [InlineData("000100002112a442000000000000000000000000", PacketKind.Other)] // STUN
    [InlineData("16fefd000000000000000000", PacketKind.Other)] // DTLS
    [InlineData("ffffffff", PacketKind.Other)] // FreeSWITCH to itself
    [InlineData("5445535400", PacketKind.Other)] // the same: TEST
    [InlineData("", PacketKind.Other)]
    public void Kinds_are_told_apart(string hex, PacketKind expected) =>
        Assert.Equal(expected, RtpClassifier.Classify(Convert.FromHexString(hex)));

    [Fact]
    public void Exactly_the_second_bytes_192_to_223_are_rtcp()
    {
        for (int second = 0; second < 256; second++)
        {
            byte[] data = [0x80, (byte)second, .. new byte[10]];
            PacketKind expected = second is >= 192 and <= 223 ? PacketKind.Rtcp : PacketKind.Rtp;
            Assert.Equal(expected, RtpClassifier.Classify(data));
        }
    }
}
