using Microsoft.Extensions.Logging;

namespace CallMirror.Messaging.Broker;

/// <summary>What every part at the broker shares.</summary>
/// <param name="ServiceName">How the connections of this process are named at the broker.</param>
/// <param name="Options">Settings.</param>
/// <param name="Health">Where connections report.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
internal sealed record BrokerParts(string ServiceName, BrokerOptions Options, BrokerHealth Health, TimeProvider Time, ILogger Logger);
