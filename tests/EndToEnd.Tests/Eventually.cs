namespace CallMirror.EndToEnd.Tests;

/// <summary>Waits for what another process or connection brings about, looking often instead of sleeping long.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    // For what hangs: a busy machine takes minutes where a quiet one takes seconds.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static Task HoldsAsync(Func<bool> condition, string what) => HoldsAsync(() => Task.FromResult(condition()), what);

    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        using var timer = new PeriodicTimer(Period);
        long started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Limit, $"not within {Limit.TotalSeconds} s: {what}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
