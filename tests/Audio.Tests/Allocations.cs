namespace CallMirror.Audio.Tests;

internal static class Allocations
{
    /// <summary>Bytes that a second run of the action allocates on this thread; the first pays for what happens once.</summary>
    internal static long Of(Action action)
    {
        action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
