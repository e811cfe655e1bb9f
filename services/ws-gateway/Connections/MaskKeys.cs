using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CallMirror.WsGateway.Connections;

/// <summary>
/// The masking keys of frames (RFC 6455 §5.3: unpredictable, a new one a frame), drawn a thousand at a time: asking the system for four bytes
/// a frame costs more than all the rest of a frame.
/// </summary>
internal static class MaskKeys
{
    private const int Bytes = 4096;

    [ThreadStatic]
    private static byte[]? drawn;

    [ThreadStatic]
    private static int used;

    /// <summary>A key that has not been used.</summary>
    public static uint Next()
    {
        drawn ??= new byte[Bytes];
        if (used == 0)
            RandomNumberGenerator.Fill(drawn);
        uint key = BinaryPrimitives.ReadUInt32LittleEndian(drawn.AsSpan(used));
        used = (used + sizeof(uint)) % Bytes;
        return key;
    }
}
