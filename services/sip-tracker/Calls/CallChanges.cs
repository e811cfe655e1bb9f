namespace CallMirror.SipTracker.Calls;

/// <summary>Small edits of a <see cref="CallState"/>, each keeping its lists bounded.</summary>
internal static class CallChanges
{
    private const int MaxExchanges = 8;
    private const int MaxDialogs = 16;
    private const int MaxBranches = 8;
    private const int MaxMoments = 64;

    public static CallState With(this CallState call, Exchange exchange)
    {
        var others = call.Exchanges.Where(other => other.Role != exchange.Role || other.CSeq != exchange.CSeq).TakeLast(MaxExchanges - 1);
        return call with { Exchanges = [.. others, exchange] };
    }

    public static CallState Without(this CallState call, Exchange exchange) =>
        call with { Exchanges = [.. call.Exchanges.Where(other => other != exchange)] };

    public static CallState With(this CallState call, CallDialog dialog)
    {
        var others = call.Dialogs.Where(other => other.Tag != dialog.Tag).TakeLast(MaxDialogs - 1);
        return call with { Dialogs = [.. others, dialog] };
    }

    public static CallState Without(this CallState call, CallDialog dialog) =>
        call with { Dialogs = [.. call.Dialogs.Where(other => other != dialog)] };

    /// <summary>A moment more, up to a limit: a call may be held any number of times.</summary>
    public static CallState With(this CallState call, CallMoment moment) =>
        call.Moments.Length == MaxMoments ? call : call with { Moments = [.. call.Moments, moment] };

    public static CallState WithBranch(this CallState call, string? branch) =>
        branch is null || call.Branches.Length == MaxBranches || call.Branches.Contains(branch)
            ? call
            : call with { Branches = [.. call.Branches, branch] };

    public static CallState WithCSeq(this CallState call, int role, uint cseq)
    {
        if (cseq <= call.HighestCSeq[role])
            return call;
        return call with { HighestCSeq = role == 0 ? [cseq, call.HighestCSeq[1]] : [call.HighestCSeq[0], cseq] };
    }

    public static CallState In(this CallState call, CallPhase phase, DateTimeOffset since) =>
        phase == call.Phase ? call : call with { Phase = phase, PhaseSince = since };
}
