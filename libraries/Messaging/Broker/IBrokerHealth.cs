namespace CallMirror.Messaging.Broker;

/// <summary>How this process and the broker are getting on, for a health check.</summary>
public interface IBrokerHealth
{
    /// <summary>As of now.</summary>
    BrokerState State { get; }
}

/// <summary>What is known about the connections to the broker.</summary>
/// <param name="IsConnected">All connections of this process are up.</param>
/// <param name="Since">Since when that is so, or is not.</param>
/// <param name="Reason">Why not, in one sentence without a password; null while connected.</param>
public sealed record BrokerState(bool IsConnected, DateTimeOffset Since, string? Reason);
