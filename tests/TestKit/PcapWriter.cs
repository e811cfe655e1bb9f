using System.Buffers.Binary;
using CallMirror.Protocols.Packets;

namespace CallMirror.TestKit;

/// <summary>Writes classic pcap files in nanoseconds, little-endian.</summary>
public static class PcapWriter
{
    private const uint MagicNanoseconds = 0xA1B23C4D;
    private const uint Version = 0x00040002;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>A file of these frames, in their order, each cut off at <paramref name="snapLength"/> bytes.</summary>
    public static byte[] Write(IEnumerable<(long TimestampNs, LinkType Link, byte[] Frame)> frames, int snapLength = 262_144)
    {
        using var file = new MemoryStream();
        LinkType? link = null;
        foreach (var (timeNs, its, frame) in frames)
        {
            if (link is null)
                Write(file, MagicNanoseconds, Version, 0, 0, (uint)snapLength, (uint)its);
            link = its;
            int length = Math.Min(frame.Length, snapLength);
            Write(file, (uint)(timeNs / NanosecondsPerSecond), (uint)(timeNs % NanosecondsPerSecond), (uint)length, (uint)frame.Length);
            file.Write(frame, 0, length);
        }

        if (link is null)
            Write(file, MagicNanoseconds, Version, 0, 0, (uint)snapLength, (uint)LinkType.Ethernet);
        return file.ToArray();
    }

    private static void Write(Stream file, params ReadOnlySpan<uint> numbers)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        foreach (uint number in numbers)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
            file.Write(bytes);
        }
    }
}
