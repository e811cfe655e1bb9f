using System.Diagnostics;
using CallMirror.Contracts.Tracing;
using CallMirror.WsSink.Calls;

namespace CallMirror.WsSink.Telemetry;

/// <summary>The last span of a stream's way: what was stored of it, below the span of whoever pushed it.</summary>
internal static class StoreSpan
{
    private static readonly ActivitySource Source = new("CallMirror.WsSink");

    /// <summary>Writes it, where the pusher's `start` named a trace that is recorded.</summary>
    public static void Write(string callId, string? traceParent, StreamRecord stream, string reason, DateTimeOffset now)
    {
        if (!Source.HasListeners() || !ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent) || !parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
            return;
        string role = SpanAttributes.RoleName(stream.Role);
        new FinishedSpan
        {
            Name = $"store {role}",
            Kind = ActivityKind.Server,
            TraceId = parent.TraceId,
            ParentId = parent.SpanId,
            Start = stream.Connections is [var first, ..] ? first.At : now,
            End = now,
        }
        .With(SpanAttributes.CallId, callId)
        .With(SpanAttributes.Role, role)
        .With("callmirror.tag", stream.Tag)
        .With(SpanAttributes.Samples, stream.Samples)
        .With("callmirror.connections", (long)stream.Connections.Count)
        .With(SpanAttributes.EndReason, reason)
        .WriteTo(Source);
    }
}
