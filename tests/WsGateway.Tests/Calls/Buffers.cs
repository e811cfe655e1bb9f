using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Tests.Calls;

internal static class Buffers
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Waits until nobody holds a reference to it any more; not for ever, so that a test which would hang fails.</summary>
    public static async Task WhenReleasedAsync(this MediaBuffer buffer)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        while (!IsReleased(buffer))
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, limit.Token);
    }

    private static bool IsReleased(MediaBuffer buffer)
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
