namespace CallMirror.AllInOne.Commands;

/// <summary>Waits for Ctrl-C or SIGTERM.</summary>
internal static class Stopped
{
    public static async Task WaitAsync(CancellationToken stopping)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stopping.Register(() => stopped.TrySetResult());
        await stopped.Task;
    }
}
