namespace CallMirror.WsGateway.Joining;

/// <summary>What everything about joining shares.</summary>
internal sealed record JoinParts(TimeProvider Time, JoinMetrics Metrics, ILogger Logger);
