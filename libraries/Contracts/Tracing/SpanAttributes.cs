using System.Diagnostics;

namespace CallMirror.Contracts.Tracing;

/// <summary>
/// The names that all services' spans share: of our attributes, and of those of OpenTelemetry's messaging conventions. No attribute holds a body, a digit that
/// was dialled, or, unless it is asked for, a party of a call.
/// </summary>
public static class SpanAttributes
{
    /// <summary>The SIP Call-ID, on every span.</summary>
    public const string CallId = "callmirror.call_id";

    /// <summary>What ties the calls of one conversation together.</summary>
    public const string CorrelationId = "callmirror.correlation_id";

    /// <summary><c>caller</c> or <c>callee</c>.</summary>
    public const string Role = "callmirror.role";

    /// <summary>Why it ended: the word of a <see cref="Calls.EndReason"/>.</summary>
    public const string EndReason = "callmirror.end_reason";

    /// <summary>Audio samples.</summary>
    public const string Samples = "callmirror.samples";

    /// <summary>Media messages.</summary>
    public const string Batches = "callmirror.batches";

    /// <summary>The number of a media message among those of its call and capture.</summary>
    public const string Sequence = "callmirror.sequence";

    /// <summary>The message may have been delivered before; only where it is true.</summary>
    public const string Redelivered = "callmirror.redelivered";

    /// <summary>The word for a role.</summary>
    public static string RoleName(int role) => role == 0 ? "caller" : "callee";

    /// <summary>Adds what a hop of a message has by the messaging conventions.</summary>
    /// <param name="span">The hop.</param>
    /// <param name="hop">Whose part of the way it is.</param>
    public static FinishedSpan WithMessaging(this FinishedSpan span, in MessagingHop hop) => span
        .With("messaging.system", hop.System)
        .With("messaging.operation.name", hop.Operation)
        .With("messaging.operation.type", span.Kind == ActivityKind.Producer ? "send" : "process")
        .With("messaging.destination.name", hop.Destination)
        .With("messaging.rabbitmq.destination.routing_key", hop.RoutingKey)
        .With("messaging.message.body.size", hop.BodyBytes);
}

/// <summary>One hop of a message, as the messaging conventions tell of it.</summary>
/// <param name="System"><c>rabbitmq</c>, or <c>in_process</c>.</param>
/// <param name="Operation"><c>publish</c> or <c>process</c>.</param>
/// <param name="Destination">The exchange.</param>
/// <param name="RoutingKey">The routing key, where there is one.</param>
/// <param name="BodyBytes">The size of the body.</param>
public readonly record struct MessagingHop(string System, string Operation, string Destination, string? RoutingKey, int BodyBytes)
{
    /// <summary>What a span of it is called.</summary>
    public string SpanName => $"{Operation} {Destination}";
}
