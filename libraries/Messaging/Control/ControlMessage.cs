namespace CallMirror.Messaging.Control;

/// <summary>A message on its way to all who listen, or to one queue.</summary>
/// <param name="Message">One of the contract's messages.</param>
/// <param name="To">The queue's address; null publishes it.</param>
public sealed record ControlMessage(object Message, Uri? To = null)
{
    /// <summary>The trace context that it carries in its headers (W3C Trace Context §3.2); null for none.</summary>
    public string? TraceParent { get; init; }
}
