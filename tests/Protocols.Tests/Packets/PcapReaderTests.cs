using System.Buffers.Binary;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Packets;

public sealed class PcapReaderTests
{
    [Theory]
    [InlineData(0xA1B2C3D4, 5_000_007_000)]
    [InlineData(0xA1B23C4D, 5_000_000_007)]
    public void Both_byte_orders_and_both_clocks_are_read(uint magic, long expectedNs)
    {
        foreach (bool bigEndian in (bool[])[false, true])
        {
            byte[] file = [.. Words(bigEndian, magic, 0x00020004, 0, 0, 65535, 276, 5, 7, 3, 900), 1, 2, 3, .. Words(bigEndian, 6, 0, 4, 4), 1];
            (long timestampNs, LinkType link, byte[] frame) = Assert.Single(PcapReader.Read(file));
            Assert.Equal((expectedNs, LinkType.LinuxSll2), (timestampNs, link));
            Assert.Equal([1, 2, 3], frame);
        }
    }

    [Fact]
    public void Another_file_is_refused() => Assert.Throws<InvalidDataException>(() => PcapReader.Read(new byte[100]).Count());

    private static byte[] Words(bool bigEndian, params uint[] words) =>
        [.. words.SelectMany(word => BitConverter.GetBytes(bigEndian ? BinaryPrimitives.ReverseEndianness(word) : word))];
}
