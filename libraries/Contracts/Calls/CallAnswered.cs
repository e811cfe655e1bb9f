namespace CallMirror.Contracts.Calls;

/// <summary>The INVITE got its first 2xx (RFC 3261 §13.2.2.4).</summary>
public sealed record CallAnswered : CallEvent;
