using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CallMirror.SipTracker;

/// <summary>Unhealthy while the calls can't be saved: a restart would forget them.</summary>
internal sealed class TrackerHealth(TrackedCalls calls) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await calls.SaveFailureAsync(cancellationToken) is { } reason
            ? HealthCheckResult.Unhealthy($"the call state can't be saved: {reason}")
            : HealthCheckResult.Healthy();
}
