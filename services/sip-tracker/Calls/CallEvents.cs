using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>Makes the call events out of a call's state.</summary>
internal static class CallEvents
{
    public static CallStarted Started(CallState call, CallMessage invite) =>
        Started(call) with { Source = invite.Captured.Source, Destination = invite.Captured.Destination };

    /// <summary>What the state still has of a call's begin.</summary>
    public static CallStarted Started(CallState call) =>
        new() { CallId = call.CallId, CorrelationId = call.CorrelationId, StartedAt = call.StartedAt, At = call.StartedAt, From = call.From, To = call.To };

    /// <summary>Of a call without SIP nothing is known but where its media goes.</summary>
    public static CallStarted Started(CallState call, MediaFound found) =>
        new() { CallId = call.CallId, StartedAt = call.StartedAt, At = call.StartedAt, Source = found.Source, Destination = found.Destination };

    public static CallAnswered Answered(CallState call, DateTimeOffset at) =>
        new() { CallId = call.CallId, CorrelationId = call.CorrelationId, StartedAt = call.StartedAt, At = at };

    /// <summary>The media as the state has it.</summary>
    public static MediaNegotiated Negotiated(CallState call, DateTimeOffset at) => new()
    {
        CallId = call.CallId,
        CorrelationId = call.CorrelationId,
        At = at,
        Version = call.MediaVersion,
        StartedAt = call.StartedAt,
        From = call.From,
        To = call.To,
        Streams = call.Announced,
        CallerHosts = call.AnnouncedHosts.Caller,
        CalleeHosts = call.AnnouncedHosts.Callee,
        IsFound = call.Phase == CallPhase.Found,
    };

    public static CallHeld Held(CallState call, DateTimeOffset at, int by) =>
        new() { CallId = call.CallId, CorrelationId = call.CorrelationId, StartedAt = call.StartedAt, At = at, By = by };

    public static CallResumed Resumed(CallState call, DateTimeOffset at, int by) =>
        new() { CallId = call.CallId, CorrelationId = call.CorrelationId, StartedAt = call.StartedAt, At = at, By = by };

    /// <summary>Only the caller cancels.</summary>
    public static CallEnded Ended(CallState call, DateTimeOffset at, EndReason reason, int? statusCode, int? by) => new()
    {
        CallId = call.CallId,
        CorrelationId = call.CorrelationId,
        StartedAt = call.StartedAt,
        At = at,
        Reason = reason,
        StatusCode = statusCode,
        By = reason == EndReason.Cancelled ? 0 : by,
    };
}
