namespace CallMirror.Contracts.Calls;

/// <summary>
/// Who joins asks for the calls that are up (exchange <c>callmirror.calls-requested</c>, anyone → sip-tracker). The answer is, sent to
/// <see cref="ReplyTo"/> alone, a <see cref="CallStarted"/> for each call, a <see cref="MediaNegotiated"/> where its media is known, a
/// <see cref="CallAnswered"/> where it is answered, and nothing but a <see cref="CallEnded"/> for each that ended a moment ago; what it says may be known already.
/// </summary>
public sealed record ActiveCallsRequested
{
    /// <summary>The queue that gets the answer.</summary>
    public required string ReplyTo { get; init; }

    /// <summary>The names of the events that are wanted: <c>MediaNegotiated</c>, <c>CallEnded</c>, <c>CallStarted</c>, <c>CallAnswered</c>.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>
    /// Whoever asks takes audio out of lanes: of a call that is over, and whose lane is still there, it is told the <see cref="MediaNegotiated"/> too.
    /// </summary>
    public bool TakesLanes { get; init; }

    /// <summary>The queue goes away with its process.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>The queue and its exchange are not durable: the broker refuses a message that declares them otherwise.</summary>
    public bool IsTransient { get; init; }
}
