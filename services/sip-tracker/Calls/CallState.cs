using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker.Calls;

/// <summary>All that is known of one call. Immutable: a message makes a new one. It is also what the store keeps, as JSON.</summary>
internal sealed record CallState
{
    public required string CallId { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>The call's epoch.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    /// <summary>The From tag of the INVITE that began it, or of the next try: whose requests have it as From tag is role 0.</summary>
    public string? CallerTag { get; init; }

    /// <summary>The CSeq of the latest INVITE outside a dialog: a second one with credentials counts higher (RFC 3261 §22.2).</summary>
    public uint InviteCSeq { get; init; }

    /// <summary>That INVITE carried credentials.</summary>
    public bool HasCredentials { get; init; }

    /// <summary>The Via branches of that INVITE, the first seen first: hops, and targets that a proxy tries.</summary>
    public CallBranch[] Branches { get; init; } = [];

    /// <summary>Tags of what was under this Call-ID before: its late copies are no part of the call.</summary>
    public string[] FormerTags { get; init; } = [];

    public CallPhase Phase { get; init; } = CallPhase.Inviting;

    public DateTimeOffset PhaseSince { get; init; }

    /// <summary>Capture time of the latest message.</summary>
    public DateTimeOffset LastSeen { get; init; }

    /// <summary>Capture time of its latest media, as far as capture has told (<see cref="Contracts.Sip.MediaRunning"/>).</summary>
    public DateTimeOffset? LastMedia { get; init; }

    /// <summary>The status that asked for another try: 401, 407 or 422.</summary>
    public int? ChallengedWith { get; init; }

    /// <summary>The status of the latest failure of a branch, while others were open.</summary>
    public int? FailedWith { get; init; }

    /// <summary>The callee's tag of the first 2xx: that dialog is the call, other forks are not (RFC 3261 §13.2.2.4).</summary>
    public string? AnsweredTag { get; init; }

    /// <summary>A 2xx of that dialog was seen, not its ACK alone.</summary>
    public bool IsAnswerSeen { get; init; }

    /// <summary>Session-Expires of the latest 2xx (RFC 4028 §4).</summary>
    public int? SessionSeconds { get; init; }

    public DateTimeOffset SessionSince { get; init; }

    /// <summary>The highest CSeq of each role's requests, to tell what is late from what is new.</summary>
    public long[] HighestCSeq { get; init; } = [-1, -1];

    /// <summary>Transactions that may carry offers and answers, latest last.</summary>
    public Exchange[] Exchanges { get; init; } = [];

    /// <summary>Dialogs by the callee's tag: several while an INVITE is forked.</summary>
    public CallDialog[] Dialogs { get; init; } = [];

    /// <summary>Counts the MediaNegotiated events.</summary>
    public int MediaVersion { get; init; }

    /// <summary>The streams of the latest MediaNegotiated.</summary>
    public NegotiatedStream[] Announced { get; init; } = [];

    /// <summary>When that was.</summary>
    public DateTimeOffset AnnouncedAt { get; init; }

    /// <summary>The hosts that it named.</summary>
    public CallHosts AnnouncedHosts { get; init; } = CallHosts.None;

    /// <summary>The hosts of both roles' SIP as seen so far.</summary>
    public CallHosts Hosts { get; init; } = CallHosts.None;

    /// <summary>The callee has sent something: before, its host is but where the INVITE went.</summary>
    public bool HasCalleeSpoken { get; init; }

    /// <summary>The name that its media was found by, before SIP told whose it is: what is told of it goes on under that.</summary>
    public FoundName? FoundAs { get; init; }

    /// <summary>The tap came late, and its media may be that of a call that was found: nothing is told of it until that is clear.</summary>
    public bool IsUntold { get; init; }

    /// <summary>What was told when it ended.</summary>
    public CallEnded? Ended { get; init; }

    /// <summary>What its trace will tell of it, in order.</summary>
    public CallMoment[] Moments { get; init; } = [];

    /// <summary>Who holds, as told in events.</summary>
    public Holds Holds { get; init; }

    /// <summary>The name of the call in what is told of it.</summary>
    public string ToldId => FoundAs?.CallId ?? CallId;

    /// <summary>Position 0 of its audio.</summary>
    public DateTimeOffset Epoch => FoundAs?.StartedAt ?? StartedAt;

    public bool IsEnded => Phase == CallPhase.Ended;

    public bool IsAnswered => Phase == CallPhase.Answered;

    public Exchange? ExchangeOf(int role, uint cseq) => Array.FindLast(Exchanges, exchange => exchange.IsOf(role, cseq));

    public Exchange? ExchangeOf(int role, uint cseq, string? branch) =>
        Array.FindLast(Exchanges, exchange => exchange.IsOf(role, cseq) && exchange.Branch == branch);

    /// <summary>A role as it is told.</summary>
    public int RoleOf(int role) => FoundAs is { IsTurned: true } ? 1 - role : role;

    public CallDialog? DialogOf(string? tag) => Array.Find(Dialogs, dialog => dialog.Tag == tag);
}

/// <summary>The name of a call that was found by its media.</summary>
/// <param name="CallId">Made of its addresses and first time.</param>
/// <param name="StartedAt">Its first packet: position 0.</param>
/// <param name="IsTurned">Its role 0 is what SIP has as role 1: who spoke first on the mirror, and who sent the first INVITE there.</param>
internal readonly record struct FoundName(string CallId, DateTimeOffset StartedAt, bool IsTurned);

/// <summary>Something that happened to a call: <c>ringing</c>, <c>progress</c>, <c>answered</c>, <c>held</c> or <c>resumed</c>.</summary>
internal readonly record struct CallMoment(string Name, DateTimeOffset At, int? By = null);
