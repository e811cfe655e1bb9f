using System.Diagnostics;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Tracing;

namespace CallMirror.Messaging.Tracing;

/// <summary>The way of one traced message from its publisher to the broker's confirm.</summary>
internal sealed class PublishSpan
{
    private static readonly ActivitySource Source = new("CallMirror.Messaging");

    private readonly string _callId;
    private readonly MessagingHop _hop;
    private readonly ActivityContext _parent;
    private readonly ActivitySpanId _id = ActivitySpanId.CreateRandom();
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _start;

    private PublishSpan(string callId, in MessagingHop hop, ActivityContext parent, TimeProvider time)
    {
        (_callId, _hop, _parent, _time) = (callId, hop, parent, time);
        _start = time.GetUtcNow();
    }

    /// <summary>What the message travels with: whoever takes it stands below this span.</summary>
    public string TraceParent => CallTrace.Parent(_parent.TraceId, _id, isRecorded: true);

    /// <summary>Null for a message that is not traced, and where nobody listens.</summary>
    public static PublishSpan? Begin(string callId, string exchange, string routingKey, MediaBuffer message, TimeProvider time) =>
        message.TraceParent is { } above && Source.HasListeners() && ActivityContext.TryParse(above, null, isRemote: true, out var parent)
            ? new PublishSpan(callId, new MessagingHop("rabbitmq", "publish", exchange, routingKey, message.Length), parent, time)
            : null;

    /// <summary>The broker has it, or it was dropped for a reason.</summary>
    public void End(string? dropped = null) => new FinishedSpan
    {
        Name = _hop.SpanName,
        Kind = ActivityKind.Producer,
        TraceId = _parent.TraceId,
        Id = _id,
        ParentId = _parent.SpanId,
        Start = _start,
        End = _time.GetUtcNow(),
        Error = dropped,
    }.With(SpanAttributes.CallId, _callId).WithMessaging(_hop).WriteTo(Source);
}
