using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>Makes the call events out of a call's state, under the name and with the roles by which it is told.</summary>
internal static class CallEvents
{
    public static CallStarted Started(CallState call, CallMessage invite) =>
        Started(call) with { Source = invite.Captured.Source, Destination = invite.Captured.Destination };

    /// <summary>What the state still has of a call's begin.</summary>
    public static CallStarted Started(CallState call) => new()
    {
        CallId = call.ToldId,
        SipCallId = SipCallId(call),
        CorrelationId = call.CorrelationId,
        StartedAt = call.Epoch,
        At = call.Epoch,
        From = Parties(call).From,
        To = Parties(call).To,
    };

    /// <summary>Of a call without SIP nothing is known but where its media goes.</summary>
    public static CallStarted Started(CallState call, MediaFound found) =>
        new() { CallId = call.CallId, StartedAt = call.StartedAt, At = call.StartedAt, Source = found.Source, Destination = found.Destination };

    public static CallAnswered Answered(CallState call, DateTimeOffset at) =>
        new() { CallId = call.ToldId, SipCallId = SipCallId(call), CorrelationId = call.CorrelationId, StartedAt = call.Epoch, At = at };

    /// <summary>The media as the state has it.</summary>
    public static MediaNegotiated Negotiated(CallState call, DateTimeOffset at)
    {
        var hosts = call.AnnouncedHosts;
        return new MediaNegotiated
        {
            CallId = call.ToldId,
            SipCallId = SipCallId(call),
            CorrelationId = call.CorrelationId,
            At = at,
            Version = call.MediaVersion,
            StartedAt = call.Epoch,
            From = Parties(call).From,
            To = Parties(call).To,
            Streams = IsTurned(call) ? [.. call.Announced.Select(stream => stream with { Role = 1 - stream.Role }).OrderBy(stream => stream.Role)] : call.Announced,
            CallerHosts = IsTurned(call) ? hosts.Callee : hosts.Caller,
            CalleeHosts = IsTurned(call) ? hosts.Caller : hosts.Callee,
            IsFound = call.Phase == CallPhase.Found,
        };
    }

    public static CallHeld Held(CallState call, DateTimeOffset at, int by) =>
        new() { CallId = call.ToldId, SipCallId = SipCallId(call), CorrelationId = call.CorrelationId, StartedAt = call.Epoch, At = at, By = call.RoleOf(by) };

    public static CallResumed Resumed(CallState call, DateTimeOffset at, int by) =>
        new() { CallId = call.ToldId, SipCallId = SipCallId(call), CorrelationId = call.CorrelationId, StartedAt = call.Epoch, At = at, By = call.RoleOf(by) };

    /// <summary>Only the caller cancels.</summary>
    public static CallEnded Ended(CallState call, DateTimeOffset at, EndReason reason, int? statusCode, int? by) => new()
    {
        CallId = call.ToldId,
        SipCallId = SipCallId(call),
        CorrelationId = call.CorrelationId,
        StartedAt = call.Epoch,
        At = at,
        Reason = reason,
        StatusCode = statusCode,
        By = reason == EndReason.Cancelled ? 0 : by is { } role ? call.RoleOf(role) : null,
    };

    /// <summary>Who calls and who is called, as it is told.</summary>
    public static (string? From, string? To) Parties(CallState call) => IsTurned(call) ? (call.To, call.From) : (call.From, call.To);

    private static bool IsTurned(CallState call) => call.FoundAs is { IsTurned: true };

    private static string? SipCallId(CallState call) => call.FoundAs is null ? null : call.CallId;
}
