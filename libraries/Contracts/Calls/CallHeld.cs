namespace CallMirror.Contracts.Calls;

/// <summary>One party put the other on hold (RFC 3264 §8.4, and the old <c>c=0.0.0.0</c>).</summary>
public sealed record CallHeld : CallEvent
{
    /// <summary>The role that holds: 0 = caller, 1 = callee.</summary>
    public required int By { get; init; }
}

/// <summary>A held call goes on.</summary>
public sealed record CallResumed : CallEvent
{
    /// <summary>The role that had held: 0 = caller, 1 = callee.</summary>
    public required int By { get; init; }
}
