using CallMirror.SipTracker.Outbox;
using Microsoft.Extensions.Options;

namespace CallMirror.SipTracker;

/// <summary>Restores the calls before the first message can come, publishes, and, with live packets, lets their timers run while none comes.</summary>
internal sealed class SipTrackerService(TrackedCalls calls, EventOutbox outbox, IOptions<SipTrackerOptions> options, TimeProvider time)
    : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    // Of the time that the process has to stop; what is left is published when it starts again.
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(2);

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        calls.Restore();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before the control plane stops.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(FlushLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await outbox.IdleAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await calls.TidyAsync(cancellationToken);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(outbox.RunAsync(stoppingToken), options.Value.IsLive ? TickAsync(stoppingToken) : Task.CompletedTask);

    private async Task TickAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TickInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await calls.TickAsync(stoppingToken);
    }
}
