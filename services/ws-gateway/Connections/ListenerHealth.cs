using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CallMirror.WsGateway.Connections;

/// <summary>Degraded while nobody listens where a gateway pushes to: its calls wait in their lanes, and another gateway would fare no better.</summary>
internal sealed class ListenerHealth(IEnumerable<Gateway> gateways, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    // Whoever asks often does not make the listener busy.
    private static readonly TimeSpan ValidFor = TimeSpan.FromSeconds(5);

    private HealthCheckResult _latest;
    private long? _askedAt;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (_askedAt is { } askedAt && time.GetElapsedTime(askedAt) < ValidFor)
            return _latest;
        var failures = await Task.WhenAll(gateways.Select(gateway => FailureAsync(gateway, cancellationToken)));
        string reason = string.Join("; ", failures.OfType<string>());
        _latest = reason.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(reason);
        _askedAt = time.GetTimestamp();
        return _latest;
    }

    private async Task<string?> FailureAsync(Gateway gateway, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await using var reached = await ListenerRoute.OpenAsync(gateway.Url, gateway.Options, time, either.Token);
            return null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is SocketException or IOException or OperationCanceledException)
        {
            return $"the listener at {gateway.Url.Host}:{gateway.Url.Port} can't be reached: {ConnectionFailure.Words(e)}";
        }
    }
}
