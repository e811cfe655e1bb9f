namespace CallMirror.Messaging.Broker;

/// <summary>The broker did not do what was asked; the message says why in one sentence.</summary>
public sealed class BrokerException(string message, Exception? inner = null) : IOException(message, inner);
