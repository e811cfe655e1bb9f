using CallMirror.Protocols.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>One client transaction of the INVITE, named by its top Via (RFC 3261 §17.1.3): a hop, or a target that a proxy tries.</summary>
internal sealed record CallBranch
{
    /// <summary>The top Via's branch; null where its sender gives none.</summary>
    public string? Id { get; init; }

    /// <summary>The branch that the sender received the INVITE on (RFC 3261 §16.6 step 8); null where it sent the first.</summary>
    public string? Parent { get; init; }

    public DateTimeOffset Since { get; init; }

    /// <summary>Something came back on it.</summary>
    public bool HasReply { get; init; }

    public bool IsCancelled { get; init; }

    /// <summary>It has a final failure.</summary>
    public bool IsOver { get; init; }

    /// <summary>The To tag of that failure: an ACK to it acknowledges no answer.</summary>
    public string? FailedTag { get; init; }
}

/// <summary>What the branches of an INVITE say together: a call fails, or is cancelled, when none is open (RFC 3261 §16.7).</summary>
internal static class CallBranches
{
    private const int MaxBranches = 16;

    // RFC 3261 §17.1.1.2: after timer B, 64*T1, an INVITE without any response has failed at its sender.
    private static readonly TimeSpan TimerB = TimeSpan.FromSeconds(32);

    /// <summary>The branch that a message names; without a name the first stands for all.</summary>
    public static CallBranch? Find(CallState call, SipMessage sip) =>
        sip.TopViaBranch is { } id ? Array.Find(call.Branches, branch => branch.Id == id) : call.Branches.FirstOrDefault();

    /// <summary>Adds the branch of an INVITE, or opens it again.</summary>
    public static CallState Open(CallState call, SipMessage sip, DateTimeOffset at)
    {
        var others = call.Branches.Where(branch => branch.Id != sip.TopViaBranch).TakeLast(MaxBranches - 1);
        string? parent = CallRoles.ParentBranch(sip);
        var above = parent is null ? null : Array.Find(call.Branches, branch => branch.Id == parent);
        var branch = new CallBranch
        {
            Id = sip.TopViaBranch,
            Parent = parent,
            Since = at,
            IsOver = above is { IsOver: true },
            IsCancelled = above is { IsCancelled: true },
        };
        return call with { Branches = [.. others, branch] };
    }

    /// <summary>A branch that some response came back on.</summary>
    public static CallState Replied(CallState call, CallBranch branch) =>
        branch.HasReply ? call : Change(call, branch, isBelow: false, one => one with { HasReply = true });

    /// <summary>Marks the branch, and all that came of it, as cancelled.</summary>
    public static CallState Cancel(CallState call, CallBranch branch) =>
        Change(call, branch, isBelow: true, one => one with { IsCancelled = true });

    /// <summary>Marks the branch, and all that came of it, as over: a proxy answers after its branches (RFC 3261 §16.7 step 5).</summary>
    public static CallState Close(CallState call, CallBranch branch, string? failedTag) =>
        Change(call, branch, isBelow: true, one => one with { IsOver = true, FailedTag = one.FailedTag ?? failedTag });

    /// <summary>Whether a final response may still come on one of them.</summary>
    public static bool AreOpen(CallState call, DateTimeOffset at) => call.Branches.Any(branch => IsOpen(branch, at));

    /// <summary>When the last of them is over by timer B; the end of time where one has a response, so that another must come.</summary>
    public static DateTimeOffset OverAt(CallState call) =>
        Array.Exists(call.Branches, branch => branch is { IsOver: false, HasReply: true }) || call.Branches.Length == 0
            ? DateTimeOffset.MaxValue
            : After(call.Branches.Max(branch => branch.IsOver ? DateTimeOffset.MinValue : branch.Since));

    /// <summary>Whether all that are open are cancelled: then the call is, and not one fork of it.</summary>
    public static bool AreCancelled(CallState call, DateTimeOffset at) =>
        call.Branches.All(branch => branch.IsCancelled || !IsOpen(branch, at));

    /// <summary>Whether the INVITE came of a branch that is over or cancelled.</summary>
    public static bool IsBelowDead(CallState call, SipMessage invite) =>
        CallRoles.ParentBranch(invite) is { } parent
        && Array.Exists(call.Branches, branch => branch.Id == parent && (branch.IsOver || branch.IsCancelled));

    private static bool IsOpen(CallBranch branch, DateTimeOffset at) => !branch.IsOver && (branch.HasReply || at - branch.Since < TimerB);

    private static DateTimeOffset After(DateTimeOffset since) =>
        since < DateTimeOffset.MaxValue - TimerB ? since + TimerB : DateTimeOffset.MaxValue;

    private static CallState Change(CallState call, CallBranch branch, bool isBelow, Func<CallBranch, CallBranch> change)
    {
        HashSet<string?> ids = [branch.Id];
        for (bool grows = isBelow; grows;)
        {
            string?[] below = [.. call.Branches.Where(one => one.Parent is { } parent && ids.Contains(parent)).Select(one => one.Id)];
            int before = ids.Count;
            ids.UnionWith(below);
            grows = ids.Count > before;
        }

        return call with { Branches = [.. call.Branches.Select(one => ids.Contains(one.Id) ? change(one) : one)] };
    }
}
