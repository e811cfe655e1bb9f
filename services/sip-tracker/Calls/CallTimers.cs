namespace CallMirror.SipTracker.Calls;

/// <summary>When a call's timer is due, by its phase, in packets' time.</summary>
internal static class CallTimers
{
    // RFC 3261 §17.1.1.1: after 64*T1 no retransmission comes; also the grace for a session refresh that is late.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(32);

    public static DateTimeOffset Deadline(CallState call, SipTrackerOptions options) => call.Phase switch
    {
        CallPhase.Inviting => call.LastSeen + options.InviteTimeout,
        CallPhase.Challenged => call.PhaseSince + options.ChallengeTimeout,
        CallPhase.Cancelling => call.PhaseSince + Grace,
        CallPhase.Answered => AnsweredDeadline(call, options),
        _ => call.PhaseSince + options.EndedMemory,
    };

    private static DateTimeOffset AnsweredDeadline(CallState call, SipTrackerOptions options)
    {
        var idle = call.LastSeen + options.IdleTimeout;
        if (call.SessionSeconds is not { } seconds)
            return idle;
        var session = call.SessionSince + TimeSpan.FromSeconds(seconds) + Grace;
        return session < idle ? session : idle;
    }
}
