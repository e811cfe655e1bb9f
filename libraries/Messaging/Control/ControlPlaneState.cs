using CallMirror.Messaging.Broker;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CallMirror.Messaging.Control;

/// <summary>Whether the control plane works; a host's health check, and what those wait for who have something to say at once.</summary>
public sealed class ControlPlaneState(TimeProvider time) : IHealthCheck
{
    private readonly TaskCompletionSource _firstUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile BrokerState _state = new(IsConnected: false, time.GetUtcNow(), "the connection to the broker has not been made yet");

    /// <summary>As of now.</summary>
    public BrokerState State => _state;

    /// <summary>Completes when the control plane works for the first time.</summary>
    public Task WhenUpAsync(CancellationToken cancellationToken) => _firstUp.Task.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var state = _state;
        return Task.FromResult(state.IsConnected ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(state.Reason));
    }

    /// <summary>True where this is news: another state, or another reason.</summary>
    internal bool Set(bool isConnected, string? reason)
    {
        var before = _state;
        bool isNews = before.IsConnected != isConnected || before.Reason != reason;
        if (isNews)
            _state = new BrokerState(isConnected, before.IsConnected == isConnected ? before.Since : time.GetUtcNow(), reason);
        if (isConnected)
            _firstUp.TrySetResult();
        return isNews;
    }
}
