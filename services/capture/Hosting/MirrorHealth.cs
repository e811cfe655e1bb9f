using CallMirror.Capture.Hearing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CallMirror.Capture.Hosting;

/// <summary>Degraded while the interface hears neither SIP nor RTP for longer than is normal: the mirror may be dead.</summary>
internal sealed class MirrorHealth(MirrorWatch mirror) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(mirror.Missing is { } sentence ? HealthCheckResult.Degraded(sentence) : HealthCheckResult.Healthy());
}
