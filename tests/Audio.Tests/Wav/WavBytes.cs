using System.Buffers.Binary;
using System.Text;

namespace CallMirror.Audio.Tests.Wav;

/// <summary>WAV files put together chunk by chunk.</summary>
internal static class WavBytes
{
    internal static readonly byte[] PcmGuid = SubFormat(1);

    internal static byte[] File(params byte[][] chunks)
    {
        byte[] body = [.. "WAVE"u8, .. chunks.SelectMany(chunk => chunk)];
        return [.. "RIFF"u8, .. U32((uint)body.Length), .. body];
    }

    internal static byte[] Chunk(string id, params byte[] body) =>
        [.. Encoding.ASCII.GetBytes(id), .. U32((uint)body.Length), .. body, .. body.Length % 2 == 1 ? new byte[1] : []];

    internal static byte[] Fmt(int format, int channels, uint rate, int bits, int? frameBytes = null, byte[]? more = null)
    {
        int frame = frameBytes ?? channels * bits / 8;
        return Chunk("fmt ", [.. U16(format), .. U16(channels), .. U32(rate), .. U32(rate * (uint)frame), .. U16(frame), .. U16(bits), .. more ?? []]);
    }

    internal static byte[] SubFormat(int format) =>
        [.. U16(22), .. U16(16), .. U32(4), .. U16(format), 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

    private static byte[] U16(int value) => [(byte)value, (byte)(value >> 8)];

    private static byte[] U32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
