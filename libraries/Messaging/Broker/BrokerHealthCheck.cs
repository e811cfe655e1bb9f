using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CallMirror.Messaging.Broker;

/// <summary>Unhealthy while a connection to the broker is down.</summary>
internal sealed class BrokerHealthCheck(IBrokerHealth broker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var state = broker.State;
        return Task.FromResult(state.IsConnected ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(state.Reason));
    }
}
