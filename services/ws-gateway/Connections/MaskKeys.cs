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
    private static byte[]? _drawn;

    [ThreadStatic]
    private static int _used;

    /// <summary>A key that has not been used.</summary>
    public static uint Next()
    {
        _drawn ??= new byte[Bytes];
        if (_used == 0)
            RandomNumberGenerator.Fill(_drawn);
        uint key = BinaryPrimitives.ReadUInt32LittleEndian(_drawn.AsSpan(_used));
        _used = (_used + sizeof(uint)) % Bytes;
        return key;
    }
}
