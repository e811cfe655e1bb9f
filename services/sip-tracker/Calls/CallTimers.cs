namespace CallMirror.SipTracker.Calls;

/// <summary>When a call's timer is due, by its phase, in packets' time.</summary>
internal static class CallTimers
{
    // RFC 3261 §17.1.1.1: after 64*T1 no retransmission comes; also the grace for a session refresh that is late.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(32);

    /// <summary>
    /// When it is due; not while media runs: timer C is a proxy's (RFC 3261 §16.6), and a session's end its parties' (RFC 4028 §10).
    /// </summary>
    public static DateTimeOffset Deadline(CallState call, SipTrackerOptions options)
    {
        var bySip = BySip(call, options);
        return call is { IsEnded: false, LastMedia: { } media } && After(media, Grace) is var byMedia && byMedia > bySip ? byMedia : bySip;
    }

    private static DateTimeOffset BySip(CallState call, SipTrackerOptions options) => call.Phase switch
    {
        CallPhase.Inviting => InvitingDeadline(call, options),
        CallPhase.Challenged => After(call.PhaseSince, options.ChallengeTimeout),
        CallPhase.Cancelling => After(call.PhaseSince, Grace),
        CallPhase.Answered => AnsweredDeadline(call, options),
        CallPhase.Found => After(call.LastSeen, options.IdleTimeout),
        _ => After(call.PhaseSince, options.EndedMemory),
    };

    // One target has refused, and of the others nothing was ever heard: their sender gives up by timer B (RFC 3261 §17.1.1.2).
    private static DateTimeOffset InvitingDeadline(CallState call, SipTrackerOptions options)
    {
        var timerC = After(call.LastSeen, options.InviteTimeout);
        return call.FailedWith is not null && CallBranches.OverAt(call) is var over && over < timerC ? over : timerC;
    }

    private static DateTimeOffset AnsweredDeadline(CallState call, SipTrackerOptions options)
    {
        var idle = After(call.LastSeen, options.IdleTimeout);
        if (call.SessionSeconds is not { } seconds)
            return idle;
        var session = After(call.SessionSince, TimeSpan.FromSeconds(seconds) + Grace);
        return session < idle ? session : idle;
    }

    // Capture times are input too: one at the end of time must not throw.
    private static DateTimeOffset After(DateTimeOffset time, TimeSpan span) =>
        time < DateTimeOffset.MaxValue - span ? time + span : DateTimeOffset.MaxValue;
}
