using System.Collections.Concurrent;

namespace CallMirror.WsGateway.Assembly;

/// <summary>Zeros to send, one array a frame size for all streams; nobody writes to them.</summary>
internal static class SilentFrames
{
    private static readonly ConcurrentDictionary<int, byte[]> BySize = new();

    public static byte[] Of(int bytes) => BySize.GetOrAdd(bytes, static size => new byte[size]);
}
