using MassTransit;
using Microsoft.Extensions.Options;

namespace CallMirror.SipTracker;

/// <summary>Restores the calls before the first message can come, and, with live packets, lets their timers run while none comes.</summary>
internal sealed class SipTrackerService(TrackedCalls calls, CallLog log, IBus bus, IOptions<SipTrackerOptions> options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        calls.Restore();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsLive)
            return;
        using var timer = new PeriodicTimer(TickInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await TickAsync(stoppingToken);
    }

    // What could not be published now is published with the next message or tick: see TrackedCalls.
    private async Task TickAsync(CancellationToken stoppingToken)
    {
        try
        {
            await calls.TickAsync(bus, stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            log.NotPublished(e);
        }
    }
}
