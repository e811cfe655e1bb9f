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
    // Far enough from any time of day that a span from there is no short one.
    private const long Never = long.MinValue / 2;

    private PerRole<long> _heardNs;
    private PerRole<bool> _holds;
    private long _dueNs;

    public HeardRoles() => _heardNs[0] = _heardNs[1] = _dueNs = Never;

    /// <summary>A packet of a role has come.</summary>
    public void Note(int role, long timeNs)
    {
        _heardNs[role] = timeNs;
        // Who was heard once is heard until the end, whether it is known that the call was answered or not.
        if (_dueNs == Never && _heardNs[1 - role] != Never)
            _dueNs = timeNs;
    }

    /// <summary>From now on both should be heard. Before a call is answered, often one side is: it rings.</summary>
    public void Expect(long timeNs) => _dueNs = _dueNs == Never ? timeNs : _dueNs;

    /// <summary>Who holds a call need not send, nor need who is held.</summary>
    public void Mark(MarkKind kind, int by, long timeNs)
    {
        if (by is not (0 or 1))
            return;
        _holds[by] = kind == MarkKind.Hold;
        if (_dueNs != Never)
            _dueNs = Math.Max(_dueNs, timeNs);
    }

    /// <summary>Whether a role was heard within a span before a time.</summary>
    public readonly bool WasHeard(int role, long nowNs, long withinNs) => _heardNs[role] != Never && nowNs - _heardNs[role] < withinNs;

    /// <summary>Which sides are heard, where a side that is silent for a span is not.</summary>
    public readonly HeardSides SidesAt(long nowNs, long spanNs)
    {
        var (first, second) = (WasHeard(0, nowNs, spanNs), WasHeard(1, nowNs, spanNs));
        if (first && second)
            return HeardSides.Both;
        bool isDue = _dueNs != Never && nowNs - _dueNs >= spanNs && !_holds[0] && !_holds[1];
        return !isDue ? HeardSides.Unsure : first || second ? HeardSides.One : HeardSides.None;
    }
}
