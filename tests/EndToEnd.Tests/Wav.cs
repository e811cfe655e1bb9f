using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CallMirror.EndToEnd.Tests;

/// <summary>A 16-bit WAV file, read byte by byte as any player would, none of the product's code.</summary>
internal sealed record Wav(int Rate, int Channels, short[] Samples)
{
    private const int HeaderBytes = 44;

    /// <summary>Reads a file whose header is complete and true; anything else fails the test.</summary>
    public static Wav Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        Assert.True(file.Length >= HeaderBytes, $"{path} has no WAV header");
        Assert.Equal("RIFF"u8, file.AsSpan(0, 4));
        Assert.Equal(file.Length - 8, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4)));
        Assert.Equal("WAVEfmt "u8, file.AsSpan(8, 8));
        Assert.Equal(1, BinaryPrimitives.ReadInt16LittleEndian(file.AsSpan(20)));
        short channels = BinaryPrimitives.ReadInt16LittleEndian(file.AsSpan(22));
        int rate = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(24));
        Assert.Equal(rate * channels * 2, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(28)));
        Assert.Equal(16, BinaryPrimitives.ReadInt16LittleEndian(file.AsSpan(34)));
        Assert.Equal("data"u8, file.AsSpan(36, 4));
        Assert.Equal(file.Length - HeaderBytes, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(40)));
        return new Wav(rate, channels, MemoryMarshal.Cast<byte, short>(file.AsSpan(HeaderBytes)).ToArray());
    }

    /// <summary>The samples of one channel.</summary>
    public short[] Channel(int index) => [.. Samples.Where((_, i) => i % Channels == index)];
}
