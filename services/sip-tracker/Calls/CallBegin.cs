using CallMirror.Protocols.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>How a call of SIP begins.</summary>
internal static class CallBegin
{
    /// <summary>With an INVITE, or, where the tap came late, with one inside a dialog that is already up.</summary>
    /// <param name="message">The INVITE.</param>
    /// <param name="correlationId">What ties it to others.</param>
    /// <param name="former">The call before it under its Call-ID: late copies of that are known by its branches and tags.</param>
    /// <param name="events">Takes what happened.</param>
    public static CallState By(CallMessage message, string? correlationId, CallState? former, List<object> events)
    {
        var sip = message.Sip;
        var call = new CallState
        {
            CallId = sip.CallId,
            CorrelationId = correlationId,
            StartedAt = message.At,
            From = CallRoles.BareUri(sip.From.Uri),
            To = CallRoles.BareUri(sip.To.Uri),
            CallerTag = sip.From.Tag,
            InviteCSeq = sip.CSeq,
            HasCredentials = CallRoles.HasCredentials(sip),
            PhaseSince = message.At,
            LastSeen = message.At,
        };
        if (former is not null)
            call = After(former, call, sip);
        var progress = new CallProgress(call, events);
        events.Add(CallEvents.Started(call, message));
        if (sip.To.Tag is { } tag)
            progress.Join(tag, message.At);
        return progress.State;
    }

    private static CallState After(CallState former, CallState call, SipMessage invite)
    {
        var branches = former.Branches.Where(branch => branch.Id is not null && branch.Id != invite.TopViaBranch);
        var tags = former.Dialogs.Select(dialog => dialog.Tag).Concat([.. former.FormerTags, former.AnsweredTag, former.CallerTag]);
        var over = branches.Select(branch => branch with { IsOver = true });
        return (call with { Branches = [.. over] }).WithFormer(tags.Where(tag => tag != call.CallerTag));
    }
}
