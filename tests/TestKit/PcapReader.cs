using System.Buffers.Binary;
using CallMirror.Protocols.Packets;

namespace CallMirror.TestKit;

/// <summary>Reads classic pcap files without libpcap, so that tests of the parsers need nothing installed: either byte order, micro- or nanoseconds.</summary>
public static class PcapReader
{
    private const int FileHeaderLength = 24;
    private const int RecordHeaderLength = 16;
    private const uint MagicMicroseconds = 0xA1B2C3D4;
    private const uint MagicNanoseconds = 0xA1B23C4D;
    private const int LinkTypeMask = 0x03FFFFFF;

    /// <summary>All frames of the file, in its order. A record cut off at the end of the file is left out.</summary>
    /// <exception cref="InvalidDataException">It is no classic pcap file.</exception>
    public static IEnumerable<(long TimestampNs, LinkType Link, byte[] Frame)> Read(string path) => Read(File.ReadAllBytes(path));

    public static IEnumerable<(long TimestampNs, LinkType Link, byte[] Frame)> Read(byte[] file)
    {
        Header header = ReadHeader(file);
        int at = FileHeaderLength;
        while (at + RecordHeaderLength <= file.Length)
        {
            long seconds = header.UInt32(file, at);
            long fraction = header.UInt32(file, at + 4);
            uint length = header.UInt32(file, at + 8);
            at += RecordHeaderLength;
            if (length > file.Length - at)
                yield break;
            yield return (seconds * 1_000_000_000 + fraction * header.NsPerTick, header.Link, file.AsSpan(at, (int)length).ToArray());
            at += (int)length;
        }
    }

    private static Header ReadHeader(byte[] file)
    {
        if (file.Length < FileHeaderLength)
            throw new InvalidDataException("Too short for a pcap file header.");
        foreach (bool bigEndian in (ReadOnlySpan<bool>)[false, true])
        {
            var header = new Header(bigEndian, 0, default);
            int nsPerTick = header.UInt32(file, 0) switch { MagicMicroseconds => 1000, MagicNanoseconds => 1, _ => 0 };
            if (nsPerTick > 0)
                return new Header(bigEndian, nsPerTick, (LinkType)(header.UInt32(file, 20) & LinkTypeMask));
        }

        throw new InvalidDataException("No classic pcap file: its first four bytes are unknown.");
    }

    private readonly record struct Header(bool BigEndian, int NsPerTick, LinkType Link)
    {
        public uint UInt32(byte[] file, int at) => BigEndian
            ? BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at))
            : BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));
    }
}
