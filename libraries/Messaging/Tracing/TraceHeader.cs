using System.Text;
using MassTransit;
using RabbitMQ.Client;

namespace CallMirror.Messaging.Tracing;

/// <summary>The header that carries a trace context by W3C's rules, on both planes.</summary>
public static class TraceHeader
{
    /// <summary>Its name (W3C Trace Context §3.2).</summary>
    public const string Name = "traceparent";

    // Version 00 is as long as this and no longer.
    private const int Length = 55;

    /// <summary>Sets it on a control message; null sets nothing.</summary>
    internal static void Set(SendContext context, string? traceParent)
    {
        if (traceParent is not null)
            context.Headers.Set(Name, traceParent);
    }

    /// <summary>The context of a media message; null where it has none.</summary>
    internal static string? Of(IReadOnlyBasicProperties properties) =>
        properties.Headers is { } headers && headers.TryGetValue(Name, out object? value) && value is byte[] { Length: Length } text
            ? Encoding.ASCII.GetString(text)
            : null;
}
