namespace CallMirror.Contracts.Calls;

/// <summary>
/// Who joins asks for the calls that are up (exchange <c>callmirror.calls-requested</c>, anyone → sip-tracker). The answer is a
/// <see cref="MediaNegotiated"/> for each call whose media is known and a <see cref="CallEnded"/> for each that ended a moment ago, sent to
/// <see cref="ReplyTo"/> alone; what it says may be known already.
/// </summary>
public sealed record ActiveCallsRequested
{
    /// <summary>The queue that gets the answer.</summary>
    public required string ReplyTo { get; init; }

    /// <summary>The names of the events that are wanted: <c>MediaNegotiated</c>, <c>CallEnded</c>.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>The queue goes away with its process.</summary>
    public bool IsTemporary { get; init; }
}
