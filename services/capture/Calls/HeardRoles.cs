using CallMirror.Contracts.Media;

namespace CallMirror.Capture.Calls;

/// <summary>How much of a call is heard.</summary>
internal enum HeardSides
{
    /// <summary>It is not answered, on hold, or so for too short a time.</summary>
    Unsure,

    /// <summary>Both sides are heard.</summary>
    Both,

    /// <summary>One is, and the other should be.</summary>
    One,

    /// <summary>None is, and both should be.</summary>
    None,
}

/// <summary>
/// When the two sides of a call were heard last, and since when both should be. A part of its call, not to be copied: each packet finds it there.
/// </summary>
internal struct HeardRoles
{
    private PerRole<long?> _heardNs;
    private PerRole<bool> _holds;
    private long? _dueNs;

    /// <summary>A packet of a role has come.</summary>
    public void Note(int role, long timeNs)
    {
        _heardNs[role] = timeNs;
        // Who was heard once is heard until the end, whether it is known that the call was answered or not.
        if (_heardNs[1 - role] is not null)
            Expect(timeNs);
    }

    /// <summary>From now on both should be heard. Before a call is answered, often one side is: it rings.</summary>
    public void Expect(long timeNs) => _dueNs ??= timeNs;

    /// <summary>Who holds a call need not send, nor need who is held.</summary>
    public void Mark(MarkKind kind, int by, long timeNs)
    {
        if (by is not (0 or 1))
            return;
        _holds[by] = kind == MarkKind.Hold;
        if (_dueNs < timeNs)
            _dueNs = timeNs;
    }

    /// <summary>Whether a role was heard within a span before a time.</summary>
    public readonly bool WasHeard(int role, long nowNs, long withinNs) => _heardNs[role] is { } heardNs && nowNs - heardNs < withinNs;

    /// <summary>Which sides are heard, where a side that is silent for a span is not.</summary>
    public readonly HeardSides SidesAt(long nowNs, long spanNs)
    {
        var (first, second) = (WasHeard(0, nowNs, spanNs), WasHeard(1, nowNs, spanNs));
        if (first && second)
            return HeardSides.Both;
        bool isDue = _dueNs is { } dueNs && nowNs - dueNs >= spanNs && !_holds[0] && !_holds[1];
        return !isDue ? HeardSides.Unsure : first || second ? HeardSides.One : HeardSides.None;
    }
}
