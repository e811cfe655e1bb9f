using CallMirror.Protocols.Rtp;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Rtp;

public sealed class RtpPacketTests
{
    private static readonly byte[] Plain = [0x80, 0x88, 0x12, 0x34, 0, 0, 0x1F, 0xA0, 0xCA, 0x11, 0, 0, 1, 2, 3];

    [Fact]
    public void All_header_fields_are_read()
    {
        Assert.True(RtpPacket.TryParse(Plain, out RtpPacket packet, out RtpError error));
        Assert.Equal(RtpError.None, error);
        Assert.True(packet.Marker);
        Assert.Equal(8, packet.PayloadType);
        Assert.Equal(new SequenceNumber(0x1234), packet.SequenceNumber);
        Assert.Equal(new RtpTimestamp(8096), packet.Timestamp);
        Assert.Equal("ca110000", packet.Ssrc.ToString());
        Assert.Equal((byte[])[1, 2, 3], packet.Payload);
        Assert.False(packet.HasExtension);
        Assert.True(packet.Csrcs.IsEmpty);
    }

    [Fact]
    public void Csrcs_extension_and_padding_are_no_payload()
    {
        byte[] data = [0xB1, 0, .. Plain[2..12], 9, 9, 9, 9, 0xBE, 0xDE, 0, 1, 5, 5, 5, 5, 7, 7, 0, 0, 3];
        Assert.True(RtpPacket.TryParse(data, out RtpPacket packet, out _));
        Assert.Equal((byte[])[9, 9, 9, 9], packet.Csrcs);
        Assert.Equal(0xBEDE, packet.ExtensionProfile);
        Assert.Equal((byte[])[5, 5, 5, 5], packet.Extension);
        Assert.Equal((byte[])[7, 7], packet.Payload);
        Assert.Equal(3, packet.PaddingLength);
    }

    [Theory]
    [InlineData(0x40, 8, 0, RtpError.NotVersion2)]
    [InlineData(0xC0, 8, 0, RtpError.NotVersion2)]
    [InlineData(0x80, 192, 0, RtpError.Rtcp)]
    [InlineData(0x80, 200, 0, RtpError.Rtcp)]
    [InlineData(0x80, 223, 0, RtpError.Rtcp)]
    [InlineData(0x80, 191, 0, RtpError.None)]
    [InlineData(0x80, 224, 0, RtpError.None)]
    [InlineData(0x82, 8, 0, RtpError.TooShort)]
    [InlineData(0x90, 8, 9, RtpError.BadExtension)]
    [InlineData(0xA0, 8, 0, RtpError.BadPadding)]
    [InlineData(0xA0, 8, 5, RtpError.BadPadding)]
    [InlineData(0xA0, 8, 4, RtpError.None)]
    public void Every_failure_has_its_own_name(int first, int second, int last, RtpError expected)
    {
        byte[] data = [(byte)first, (byte)second, .. Plain[2..12], 0, 0, 0, (byte)last];
        Assert.Equal(expected == RtpError.None, RtpPacket.TryParse(data, out _, out RtpError error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Twelve_bytes_are_the_least()
    {
        Assert.True(RtpPacket.TryParse(Plain.AsSpan(0, 12), out RtpPacket packet, out _));
        Assert.True(packet.Payload.IsEmpty);
        Assert.False(RtpPacket.TryParse(Plain.AsSpan(0, 11), out _, out RtpError error));
        Assert.Equal(RtpError.TooShort, error);
    }

    [Fact]
    public void What_is_written_is_read_back() =>
        Properties.Hold<(byte Type, bool Marker, ushort Sequence, uint Time, uint Ssrc, byte Csrcs, byte[] Extension, byte[] Payload, byte Padding)>(v =>
        {
            // Payload types 64 to 95 with a marker are RTCP by RFC 5761.
            byte type = (byte)(v.Type % 64);
            byte[] csrcs = [.. Enumerable.Range(0, v.Csrcs % 16 * 4).Select(i => (byte)i)];
            byte[] extension = [.. v.Extension.Take(v.Extension.Length / 4 * 4)];
            var packet = new RtpPacket
            {
                PayloadType = type,
                Marker = v.Marker,
                SequenceNumber = new(v.Sequence),
                Timestamp = new(v.Time),
                Ssrc = new(v.Ssrc),
                Csrcs = csrcs,
                HasExtension = extension.Length > 0,
                Extension = extension,
                ExtensionProfile = extension.Length > 0 ? (ushort)0xBEDE : (ushort)0,
                Payload = v.Payload,
                PaddingLength = v.Padding,
            };
            byte[] bytes = new byte[packet.Length];
            Assert.Equal(bytes.Length, packet.WriteTo(bytes));
            Assert.Equal(PacketKind.Rtp, RtpClassifier.Classify(bytes));
            Assert.True(RtpPacket.TryParse(bytes, out RtpPacket read, out _));
            byte[] again = new byte[read.Length];
            _ = read.WriteTo(again);
            Assert.Equal(bytes, again);
            Assert.Equal((type, v.Marker, v.Sequence, v.Time, v.Ssrc, v.Padding), (
                read.PayloadType, read.Marker, read.SequenceNumber.Value, read.Timestamp.Value, read.Ssrc.Value, read.PaddingLength));
            Assert.Equal(csrcs, read.Csrcs);
            Assert.Equal(extension, read.Extension);
            Assert.Equal(v.Payload, read.Payload);
        });

    [Fact]
    public void Any_bytes_get_the_same_answer_twice_and_what_is_parsed_was_classified_as_rtp() => Properties.Hold<byte[]>(tail =>
    {
        foreach (byte first in (byte[])[0x80, 0x90, 0xA0, 0xBF, 0x00])
        {
            byte[] data = [first, .. tail, .. tail];
            byte[] copy = [.. data];
            bool parsed = RtpPacket.TryParse(data, out RtpPacket one, out RtpError error);
            Assert.Equal(parsed, RtpPacket.TryParse(data, out RtpPacket two, out RtpError again));
            Assert.Equal(error, again);
            Assert.Equal(one.Payload, two.Payload);
            Assert.True(!parsed || RtpClassifier.Classify(data) == PacketKind.Rtp);
            Assert.Equal(copy, data);
        }
    });
}
