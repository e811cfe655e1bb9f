using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Tests.Calls;

internal static class Buffers
{
    /// <summary>Nobody holds a reference to it any more.</summary>
    public static bool IsReleased(this MediaBuffer buffer)
    {
        try
        {
            _ = buffer.Memory;
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
