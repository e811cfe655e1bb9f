using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace CallMirror.WsGateway.Connections;

/// <summary>The data frames that a gateway sends; RFC 6455 §5.2 numbers them so.</summary>
internal enum FrameKind : byte
{
    Text = 1,
    Binary = 2,
}

/// <summary>
/// Writes one unfragmented data frame of a client (RFC 6455 §5.2), masked while it is copied.
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-------+-+-------------+-------------------------------+
/// |F|R|R|R| opcode|M| Payload len |  Extended length (16, if 126)   |
/// |I|S|S|S|  (4)  |A|     (7)     +-------------------------------+
/// |N|V|V|V|       |S|             |  Masking-key (32)              |
/// </code>
/// </summary>
internal static class FrameWriter
{
    /// <summary>Longest head, in bytes, of the frames written here.</summary>
    public const int MaxHeadBytes = 8;

    /// <summary>Longest payload, in bytes: what 16 bits of length can say.</summary>
    public const int MaxPayloadBytes = ushort.MaxValue;

    private const byte Fin = 0x80;
    private const byte Masked = 0x80;
    private const int Length16 = 126;

    /// <summary>Writes the frame to the beginning of <paramref name="destination"/>; returns its bytes.</summary>
    public static int Write(Span<byte> destination, FrameKind kind, ReadOnlySpan<byte> payload, uint key)
    {
        destination[0] = (byte)(Fin | (byte)kind);
        int at = 2;
        if (payload.Length < Length16)
        {
            destination[1] = (byte)(Masked | payload.Length);
        }
        else
        {
            destination[1] = Masked | Length16;
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], checked((ushort)payload.Length));
            at += sizeof(ushort);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(destination[at..], key);
        at += sizeof(uint);
        Mask(payload, destination.Slice(at, payload.Length), key);
        return at + payload.Length;
    }

    // RFC 6455 §5.3: octet i is masked by octet i mod 4 of the key.
    private static void Mask(ReadOnlySpan<byte> payload, Span<byte> masked, uint key)
    {
        var keys = Vector.AsVectorByte(new Vector<uint>(key));
        int i = 0;
        for (; i <= payload.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            (new Vector<byte>(payload[i..]) ^ keys).CopyTo(masked[i..]);
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in key));
        for (; i < payload.Length; i++)
            masked[i] = (byte)(payload[i] ^ bytes[i % sizeof(uint)]);
    }
}
