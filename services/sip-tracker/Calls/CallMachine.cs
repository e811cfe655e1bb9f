using CallMirror.Contracts.Calls;
using static CallMirror.SipTracker.Calls.CallPhase;
using static CallMirror.SipTracker.Calls.CallSignal;

namespace CallMirror.SipTracker.Calls;

/// <summary>Where a call stands, as far as its signalling tells.</summary>
internal enum CallPhase : byte
{
    /// <summary>An INVITE is out and has no final response.</summary>
    Inviting = 1,

    /// <summary>The INVITE was refused in a way that invites another try: 401, 407, 422.</summary>
    Challenged = 2,

    /// <summary>The caller has sent CANCEL; the INVITE has no final response yet.</summary>
    Cancelling = 3,

    /// <summary>There was a 2xx.</summary>
    Answered = 4,

    /// <summary>Over; remembered for a while to absorb retransmissions.</summary>
    Ended = 5,

    /// <summary>Known by its media alone: the tap has missed its SIP.</summary>
    Found = 6,
}

/// <summary>What a message, or the call's timer, means for its call. Responses count where they answer the INVITE that set the call up.</summary>
internal enum CallSignal : byte
{
    Invite,
    Success,
    Acknowledged,
    Challenge,
    Terminated,
    Failure,
    Cancel,
    Reinvite,
    Gone,
    Bye,
    TimerDue,

    /// <summary>Its caller has begun another call under its Call-ID.</summary>
    BegunAnew,

    /// <summary>SIP has told which call the media of one that was found belongs to.</summary>
    Replaced,
}

/// <summary>What a step does beside changing the phase.</summary>
internal enum CallOutcome : byte
{
    None,
    Answered,
    Ended,
    Forgotten,
}

/// <summary>The answer of <see cref="CallMachine.Next"/>.</summary>
internal readonly record struct CallStep(CallPhase Phase, CallOutcome Outcome = CallOutcome.None, EndReason Reason = default);

/// <summary>The life of a call as a bystander sees it: one row a rule; what has no row changes nothing. Sections are of RFC 3261 unless said.</summary>
internal static class CallMachine
{
    private static readonly CallStep Answer = new(Answered, CallOutcome.Answered);

    public static CallStep Next(CallPhase phase, CallSignal signal) => (phase, signal) switch
    {
        (Inviting, Success) => Answer,                       // §13.2.2.4
        (Inviting, Acknowledged) => Answer,                  // §13.2.2.4: its ACK tells of a 2xx that was not seen
        (Inviting, Reinvite) => Answer,                      // §14.1: none is sent before the first is done
        (Inviting, Challenge) => new(Challenged),            // §22.2, RFC 4028 §7.3
        (Inviting, Terminated) => End(EndReason.Cancelled),  // §15.1.2
        (Inviting, Failure) => End(EndReason.Failed),        // §13.2.2.2, §13.2.2.3
        (Inviting, Cancel) => new(Cancelling),               // §9.1
        (Inviting, Bye) => End(EndReason.Bye),               // §15.1.1: allowed in an early dialog
        (Inviting, TimerDue) => End(EndReason.Timeout),         // §16.6: timer C

        (Challenged, Invite) => new(Inviting),               // §22.2: the same call
        (Challenged, Success) => Answer,                     // §13.2.2.4
        (Challenged, TimerDue) => End(EndReason.Failed),        // §22.2: nobody tried again

        (Cancelling, Invite) => new(Inviting),               // §16.7: a proxy has cancelled one target and tries the next
        (Cancelling, Success) => Answer,                     // §9.1: the CANCEL came too late
        (Cancelling, Acknowledged) => Answer,                // §13.2.2.4
        (Cancelling, Challenge) => End(EndReason.Cancelled), // §9.1: nobody will try again
        (Cancelling, Terminated) => End(EndReason.Cancelled), // §9.2
        (Cancelling, Failure) => End(EndReason.Failed),      // §9.1: the failure was first
        (Cancelling, Bye) => End(EndReason.Bye),             // §15.1.1
        (Cancelling, TimerDue) => End(EndReason.Cancelled),     // §9.1: 64*T1 without a final response

        (Answered, Bye) => End(EndReason.Bye),               // §15.1
        (Answered, Gone) => End(EndReason.Failed),           // §12.2.1.2: 481
        (Answered, TimerDue) => End(EndReason.Timeout),         // RFC 4028 §10
        (Answered, BegunAnew) => End(EndReason.Timeout),     // §12.2: the BYE was not seen

        (Found, Replaced) => End(EndReason.Replaced),
        (Found, TimerDue) => End(EndReason.Timeout),         // its capture is gone: it would have told of the silence

        (Ended, TimerDue) => new(Ended, CallOutcome.Forgotten), // §17.2.1: after 64*T1 no retransmission comes
        _ => new(phase),
    };

    private static CallStep End(EndReason reason) => new(Ended, CallOutcome.Ended, reason);
}
