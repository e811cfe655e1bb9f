using System.Buffers.Text;

namespace CallMirror.WsSink.Protocol;

/// <summary>Writes the one frame that the listener sends: <c>{"type":"ack","position":N}</c>, everything before N is stored.</summary>
internal static class Ack
{
    /// <summary>Room for any ack, in bytes.</summary>
    public const int MaxBytes = 64;

    private static ReadOnlySpan<byte> Head => "{\"type\":\"ack\",\"position\":"u8;

    public static int Write(long position, Span<byte> destination)
    {
        Head.CopyTo(destination);
        Utf8Formatter.TryFormat(position, destination[Head.Length..], out var digits);
        destination[Head.Length + digits] = (byte)'}';
        return Head.Length + digits + 1;
    }
}
