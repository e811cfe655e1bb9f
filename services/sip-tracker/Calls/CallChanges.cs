namespace CallMirror.SipTracker.Calls;

/// <summary>Small edits of a <see cref="CallState"/>, each keeping its lists bounded.</summary>
internal static class CallChanges
{
    private const int MaxExchanges = 16;
    private const int MaxDialogs = 16;
    private const int MaxFormerTags = 16;
    private const int MaxMoments = 64;

    public static CallState With(this CallState call, Exchange exchange)
    {
        bool IsSame(Exchange other) => other.IsOf(exchange.Role, exchange.CSeq) && other.Branch == exchange.Branch;
        return call with { Exchanges = Put(call.Exchanges, exchange, IsSame, MaxExchanges) };
    }

    public static CallState With(this CallState call, CallDialog dialog) =>
        call with { Dialogs = Put(call.Dialogs, dialog, other => other.Tag == dialog.Tag, MaxDialogs) };

    public static CallState Without(this CallState call, CallDialog dialog) =>
        call with { Dialogs = [.. call.Dialogs.Where(other => other != dialog)] };

    /// <summary>A moment more, up to a limit: a call may be held any number of times.</summary>
    public static CallState With(this CallState call, CallMoment moment) =>
        call.Moments.Length == MaxMoments ? call : call with { Moments = [.. call.Moments, moment] };

    /// <summary>Tags that are no longer the call's.</summary>
    public static CallState WithFormer(this CallState call, params IEnumerable<string?> tags) =>
        call with { FormerTags = [.. call.FormerTags.Concat(tags.OfType<string>()).Distinct().TakeLast(MaxFormerTags)] };

    public static CallState WithCSeq(this CallState call, int role, uint cseq)
    {
        if (cseq <= call.HighestCSeq[role])
            return call;
        return call with { HighestCSeq = role == 0 ? [cseq, call.HighestCSeq[1]] : [call.HighestCSeq[0], cseq] };
    }

    public static CallState In(this CallState call, CallPhase phase, DateTimeOffset since) =>
        phase == call.Phase ? call : call with { Phase = phase, PhaseSince = since };

    // In its place, for the order is that of the announcement; or last.
    private static T[] Put<T>(T[] all, T one, Predicate<T> isSame, int most)
    {
        int at = Array.FindIndex(all, isSame);
        return at < 0 ? [.. all.TakeLast(most - 1), one] : [.. all[..at], one, .. all[(at + 1)..]];
    }
}
