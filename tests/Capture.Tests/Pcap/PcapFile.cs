using System.Buffers.Binary;

namespace CallMirror.Capture.Tests.Pcap;

/// <summary>Files in a folder of their own, and classic pcap of any byte order and precision.</summary>
internal sealed class PcapFile : IDisposable
{
    public const long Seconds = 1_700_000_000;
    private const int Ethernet = 1;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("callmirror-tests-");

    public string Folder => _folder.FullName;

    public string Write(byte[] content)
    {
        string path = Path.Combine(Folder, $"{Guid.NewGuid():N}.pcap");
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>A file with these frames, the first 123,456,789 ns into its second, one a second.</summary>
    public static byte[] Of(bool bigEndian, bool nanoseconds, params byte[][] frames)
    {
        List<byte> file = [];
        Add(nanoseconds ? 0xA1B23C4D : 0xA1B2C3D4);
        Add(bigEndian ? 0x00020004u : 0x00040002u);
        foreach (uint value in (uint[])[0, 0, 262_144, Ethernet])
            Add(value);
        for (int i = 0; i < frames.Length; i++)
        {
            foreach (long value in (long[])[Seconds + i, nanoseconds ? 123_456_789 : 123_456, frames[i].Length, frames[i].Length])
                Add((uint)value);
            file.AddRange(frames[i]);
        }

        return [.. file];

        void Add(uint value)
        {
            byte[] bytes = new byte[sizeof(uint)];
            if (bigEndian)
                BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
            else
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            file.AddRange(bytes);
        }
    }

    /// <summary>A file with a frame at each of these seconds since the Unix epoch, in the order in which they are given.</summary>
    public static byte[] At(IReadOnlyList<int> seconds, Func<int, byte[]> frame)
    {
        byte[] file = Of(bigEndian: false, nanoseconds: false, [.. seconds.Select(frame)]);
        for (int i = 0, offset = 24; i < seconds.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset), seconds[i]);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset + 4), 0);
            offset += 16 + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(offset + 8));
        }

        return file;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
