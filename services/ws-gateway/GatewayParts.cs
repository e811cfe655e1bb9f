using CallMirror.WsGateway.Assembly;

namespace CallMirror.WsGateway;

/// <summary>What everything in a gateway shares.</summary>
internal sealed record GatewayParts(TimeProvider Time, Random Random, GatewayMetrics Metrics, ILogger Logger, HeldTotal Held);
