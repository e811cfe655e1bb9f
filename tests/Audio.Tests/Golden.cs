using System.Buffers.Binary;

namespace CallMirror.Audio.Tests;

/// <summary>The files of tests/data/audio.</summary>
internal static class Golden
{
    internal static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "data", "audio", name));

    internal static short[] Samples(string name)
    {
        byte[] bytes = Bytes(name);
        var samples = new short[bytes.Length / 2];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(2 * i));
        return samples;
    }

    /// <summary>The rows below the heading, split at commas.</summary>
    internal static IEnumerable<string[]> Rows(string name) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", "audio", name)).Skip(1).Select(line => line.Split(','));
}
