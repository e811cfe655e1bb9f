namespace CallMirror.Messaging.Tests.RabbitMq;

/// <summary>Asks the broker again until it is so, for what it tells nobody by itself.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task IsTrueAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
    }

    public static Task IsTrueAsync(Func<bool> condition) => IsTrueAsync(() => Task.FromResult(condition()));
}
