namespace CallMirror.Scripts.Tests.Truth;

/// <summary>What can be wrong with what came out.</summary>
internal enum FaultKind
{
    Lost,
    Misplaced,
    Doubled,

    /// <summary>In another call or role, or heard though nobody may hear it.</summary>
    Foreign,

    /// <summary>Samples that are no whole packet that was sent.</summary>
    Cut,

    /// <summary>Two senders in turns, slice by slice.</summary>
    Slices,

    /// <summary>One call as two.</summary>
    Split,

    /// <summary>Other keys than were pressed.</summary>
    Digits,

    /// <summary>Ended for another reason.</summary>
    Ended,

    /// <summary>Another output because sip-tracker's answers came later.</summary>
    Differs,
}

/// <summary>One thing that is wrong.</summary>
internal sealed record Fault(FaultKind Kind, string Text)
{
    public override string ToString() => $"{Kind}: {Text}";
}
