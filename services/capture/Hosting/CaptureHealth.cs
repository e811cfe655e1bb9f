using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CallMirror.Capture.Hosting;

/// <summary>Degraded for a minute after packets were dropped because they were read too slowly: audio is missing.</summary>
internal sealed class CaptureHealth(CaptureLoop loop, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private readonly Lock _state = new();
    private long _known;
    private long? _grewAt;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var figures = loop.Figures;
        return Task.FromResult(Judge(figures.DroppedByKernel, figures.DroppedByInterface));
    }

    internal HealthCheckResult Judge(long kernel, long device)
    {
        lock (_state)
        {
            if (kernel + device > _known)
                (_known, _grewAt) = (kernel + device, time.GetTimestamp());
            return _grewAt is { } at && time.GetElapsedTime(at) < Remembered
                ? HealthCheckResult.Degraded($"packets are being lost: {kernel} dropped by the kernel, {device} by the interface since the start")
                : HealthCheckResult.Healthy();
        }
    }
}
