using System.Globalization;

namespace CallMirror.Scripts.Tests.Scripts;

/// <summary>One end of a call: where its packets are seen, and what its SDP says of that.</summary>
/// <param name="Host">Its address on the wire.</param>
/// <param name="Port">Its media port on the wire.</param>
/// <param name="SdpHost">The address that it announces where NAT hides it, else null.</param>
/// <param name="SdpPort">The port that it announces, where it is another.</param>
internal sealed record PartyPlan(string Host, int Port, string? SdpHost = null, int? SdpPort = null)
{
    public int SipPort { get; init; } = 5060;

    public bool IsBehindNat => SdpHost is not null;

    public string AnnouncedHost => SdpHost ?? Host;

    public int AnnouncedPort => SdpPort ?? Port;

    public PartyPlan MovedBy(int ports) => this with { Port = Port + ports, SdpPort = SdpPort is { } port ? port + ports : null };
}

/// <summary>How a caller proves who it is.</summary>
internal enum Challenge
{
    None,

    /// <summary>407, and the INVITE again with the next CSeq.</summary>
    NextCSeq,

    /// <summary>The same with another From tag.</summary>
    NewFromTag,

    /// <summary>The INVITE again with credentials and the same CSeq.</summary>
    SameCSeq,
}

/// <summary>How the call is forked.</summary>
internal enum Fork
{
    None,

    /// <summary>A target refuses, the proxy tries the next under another branch.</summary>
    Serial,

    /// <summary>Two targets ring at once, the loser alone has early media.</summary>
    LoserSings,

    /// <summary>Two targets ring at once, both have early media.</summary>
    BothSing,

    /// <summary>A target refuses, perhaps after early media, and the caller itself tries the next with the next CSeq.</summary>
    NextTry,
}

/// <summary>What is missing on the mirror.</summary>
[Flags]
internal enum Missing
{
    None = 0,
    Answer = 1,
    Ack = 2,
    Bye = 4,
}

/// <summary>Something that happens to one party's media, at a packet counted from its first.</summary>
internal enum MediaEventKind
{
    /// <summary>The network holds packets for so many milliseconds, then all come at once.</summary>
    Stall,

    /// <summary>The sender is silent for so many milliseconds; its timestamps go on as if it had not been.</summary>
    PauseWithoutClock,

    /// <summary>The sender is silent for so many milliseconds; its timestamps say so.</summary>
    Pause,

    /// <summary>Timestamps jump by so many samples, sequence numbers go on.</summary>
    TimestampJump,

    /// <summary>Sequence numbers go back by so many, timestamps go on.</summary>
    SequenceRestart,

    /// <summary>A key is pressed; how, says <see cref="Press"/>.</summary>
    Digit,
}

/// <summary>How a digit is sent.</summary>
internal enum Press
{
    Plain,

    /// <summary>The last copies of its end have timestamps of their own.</summary>
    EndsWithNewTimestamps,

    /// <summary>Another key follows under the same timestamp.</summary>
    AnotherUnderTheSameTimestamp,
}

/// <summary>See <see cref="MediaEventKind"/>.</summary>
internal sealed record MediaEvent(MediaEventKind Kind, int Role, int AtPacket, int Amount);

/// <summary>One call of a script: all that happens in it, in numbers, so that a part can be taken out. Times are milliseconds.</summary>
internal sealed record CallPlan
{
    public required int Id { get; init; }

    public required int StartMs { get; init; }

    public required PartyPlan Caller { get; init; }

    public required PartyPlan Callee { get; init; }

    /// <summary>The call whose Call-ID it uses again.</summary>
    public int? CallIdOf { get; init; }

    /// <summary>All its hosts have IPv6 addresses.</summary>
    public bool IsIPv6 { get; init; }

    public SipCarriage Carriage { get; init; }

    public int AnswerMs { get; init; } = 400;

    public int TalkMs { get; init; } = 1500;

    public Challenge Challenge { get; init; }

    public Fork Fork { get; init; }

    /// <summary>What the targets before the last say.</summary>
    public int RefusedWith { get; init; } = 503;

    /// <summary>How many targets refuse, one after the other, in a serial fork.</summary>
    public int Refusals { get; init; } = 1;

    /// <summary>How long the first target of a <see cref="Fork.NextTry"/> has early media.</summary>
    public int FirstTryEarlyMs { get; init; }

    /// <summary>The Session-Expires of the answer, in seconds; nobody refreshes. 0 = none.</summary>
    public int SessionSeconds { get; init; }

    /// <summary>A relay is between the parties, and the mirror shows both its sides; it has SSRCs of its own.</summary>
    public bool IsRelayed { get; init; }

    /// <summary>So long after the answer the caller's NAT gives it another port; 0 = never.</summary>
    public int RebindAfterMs { get; init; }

    /// <summary>So long after the answer a second sender speaks for a second over the callee; 0 = never.</summary>
    public int OverlayAfterMs { get; init; }

    /// <summary>How long the loser of a fork goes on after the answer.</summary>
    public int LoserTailMs { get; init; }

    /// <summary>Early media: so long before the answer it begins.</summary>
    public int EarlyMs { get; init; }

    /// <summary>Early media is announced by a 183; else it comes before any description of the callee.</summary>
    public bool EarlyIsAnnounced { get; init; } = true;

    /// <summary>Between the beginning and the end of early media or of the talk only a piece of speech comes, so often.</summary>
    public int ThinMs { get; init; }

    public Missing Missing { get; init; }

    public bool NoToTag { get; init; }

    /// <summary>So long after the answer a re-INVITE moves both parties to other ports; 0 = never.</summary>
    public int MoveAfterMs { get; init; }

    /// <summary>So long after the answer the caller holds, for half a second; 0 = never.</summary>
    public int HoldAfterMs { get; init; }

    public bool CalleeHangsUp { get; init; }

    /// <summary>How long each party sends on after the BYE.</summary>
    public int TailMs { get; init; } = 20;

    /// <summary>How long the caller, who has missed the BYE, sends on.</summary>
    public int ZombieMs { get; init; }

    public int LossPercent { get; init; }

    public int JitterMs { get; init; }

    public IReadOnlyList<MediaEvent> MediaEvents { get; init; } = [];

    public int AnsweredMs => StartMs + AnswerMs;

    public int EndMs => AnsweredMs + TalkMs;

    public string CallId => string.Create(CultureInfo.InvariantCulture, $"call-{CallIdOf ?? Id}@script");
}

/// <summary>Calls that go on at the same time or after one another, and what the mirror does to all of them.</summary>
internal sealed record Script(int Seed, IReadOnlyList<CallPlan> Calls)
{
    /// <summary>Each frame comes twice.</summary>
    public bool IsDoubled { get; init; }

    /// <summary>Frames of the callers' direction are captured so much later than those of the other.</summary>
    public int LagMs { get; init; }
}
