using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CallMirror.AllInOne.Load;

/// <summary>The frames that a client may send; RFC 6455 §5.2 numbers them so.</summary>
internal enum ClientFrameKind : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>One frame of a client (RFC 6455 §5.2): masked, whole, and of at most 64 KiB.</summary>
internal readonly ref struct ClientFrame
{
    private const int Length16 = 126;
    private const int KeyBytes = 4;

    private ClientFrame(ClientFrameKind kind, ReadOnlySpan<byte> payload)
    {
        Kind = kind;
        Payload = payload;
    }

    public ClientFrameKind Kind { get; }

    /// <summary>Its payload, without the mask.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Reads the first frame of <paramref name="data"/>, whose payload it unmasks in place. False where it is not all there.</summary>
    /// <param name="data">What has come.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="length">Its bytes, head included.</param>
    /// <exception cref="InvalidDataException">It is none that ws-gateway sends.</exception>
    public static bool TryRead(Span<byte> data, out ClientFrame frame, out int length)
    {
        frame = default;
        length = 0;
        if (data.Length < 2)
            return false;
        int head = 2 + KeyBytes;
        int payload = data[1] & 0x7F;
        if (data[0] >> 4 != 8 || data[1] >> 7 != 1 || payload > Length16)
            throw new InvalidDataException("a frame that no gateway sends");
        if (payload == Length16)
        {
            head += sizeof(ushort);
            if (data.Length < head)
                return false;
            payload = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
        }

        if (data.Length < head + payload)
            return false;
        length = head + payload;
        var content = data[head..length];
        Unmask(content, data[(head - KeyBytes)..head]);
        frame = new ClientFrame((ClientFrameKind)(data[0] & 0x0F), content);
        return true;
    }

    // RFC 6455 §5.3.
    private static void Unmask(Span<byte> payload, ReadOnlySpan<byte> key)
    {
        uint word = MemoryMarshal.Read<uint>(key);
        ulong words = ((ulong)word << 32) | word;
        var whole = MemoryMarshal.Cast<byte, ulong>(payload);
        for (int i = 0; i < whole.Length; i++)
            whole[i] ^= words;
        for (int i = whole.Length * sizeof(ulong); i < payload.Length; i++)
            payload[i] ^= key[i % KeyBytes];
    }
}
