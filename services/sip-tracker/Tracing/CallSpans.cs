using System.Diagnostics;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Tracing;
using CallMirror.ServiceDefaults.Telemetry;
using CallMirror.SipTracker.Calls;
using Microsoft.Extensions.Options;

namespace CallMirror.SipTracker.Tracing;

/// <summary>
/// The span of each call, from INVITE to end with what happened in between, and a short one when it starts and is answered: spans come when they are over, and a
/// call that is still up must be found too. Times are the packets'.
/// </summary>
internal sealed class CallSpans(IOptions<TracingOptions> options)
{
    private static readonly ActivitySource Source = new("CallMirror.SipTracker");

    /// <summary>An event has come to be; <paramref name="call"/> is its call as it is now, where it is known.</summary>
    public void Happened(object callEvent, CallState? call)
    {
        if (!Source.HasListeners())
            return;
        if (callEvent is CallStarted started)
            Started(started);
        else if (call is null)
            return;
        else if (callEvent is CallAnswered answered)
            Answered(answered, call);
        else if (callEvent is CallEnded ended)
            Ended(ended, call);
    }

    private void Started(CallStarted started)
    {
        var trace = CallTrace.Of(started.CallId, started.At);
        var span = Below(trace, "call started", started.At, started.At, started);
        span.With("callmirror.source", started.Source).With("callmirror.destination", started.Destination);
        AddParties(span, started.From, started.To).WriteTo(Source);
    }

    private static void Answered(CallAnswered answered, CallState call) =>
        Below(CallTrace.Of(call.ToldId, call.Epoch), "call answered", call.Epoch, answered.At, answered).WriteTo(Source);

    private void Ended(CallEnded ended, CallState call)
    {
        var trace = CallTrace.Of(call.ToldId, call.Epoch);
        var span = new FinishedSpan
        {
            Name = "call",
            TraceId = trace.TraceId,
            Id = trace.CallSpan,
            Start = call.Epoch,
            End = ended.At,
            Error = Error(ended),
        };
        span.With(SpanAttributes.CallId, call.ToldId).With(SpanAttributes.CorrelationId, call.CorrelationId)
            .With(SpanAttributes.EndReason, EndReasons.Word(ended.Reason)).With("callmirror.sip_status", (long?)ended.StatusCode)
            .With("callmirror.ended_by", ended.By is { } by ? SpanAttributes.RoleName(by) : null);
        foreach (var moment in call.Moments)
            span.WithEvent(moment.Name, moment.At, "callmirror.by", moment.By is { } role ? SpanAttributes.RoleName(call.RoleOf(role)) : null);
        span.WithEvent("ended", ended.At);
        var (from, to) = CallEvents.Parties(call);
        AddParties(span, from, to).WriteTo(Source);
    }

    // The same id each time: after a crash the event may come again.
    private static FinishedSpan Below(in CallTrace trace, string name, DateTimeOffset start, DateTimeOffset end, CallEvent callEvent) =>
        new FinishedSpan { Name = name, TraceId = trace.TraceId, Id = trace.SpanOf(name), ParentId = trace.CallSpan, Start = start, End = end }
            .With(SpanAttributes.CallId, callEvent.CallId)
            .With(SpanAttributes.CorrelationId, callEvent.CorrelationId);

    private FinishedSpan AddParties(FinishedSpan span, string? from, string? to) =>
        options.Value.IncludeParties ? span.With("callmirror.from", from).With("callmirror.to", to) : span;

    private static string? Error(CallEnded ended) => ended.Reason switch
    {
        EndReason.Failed => $"failed {ended.StatusCode}".TrimEnd(),
        EndReason.Timeout => "SIP went silent",
        EndReason.MediaTimeout => "RTP went silent",
        _ => null,
    };
}
