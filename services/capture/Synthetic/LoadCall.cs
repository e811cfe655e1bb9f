namespace CallMirror.Capture.Synthetic;

/// <summary>
/// The course of one made-up call, step by step: INVITE, 100, 180, 200 and ACK, then a packet of the caller and one of the callee in turn, then BYE
/// and its 200. Everybody can tell from it what belongs where.
/// </summary>
public static class LoadCall
{
    /// <summary>RTP packets a second in one direction.</summary>
    public const int PacketsPerSecond = 50;

    /// <summary>Steps before the first packet of audio.</summary>
    internal const int SetupSteps = 5;

    private const string Before = "load-";
    private const string After = "@callmirror";
    private const int Digits = 5;

    // How the two streams stand in the 20 ms of a packet.
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Packet = TimeSpan.FromMilliseconds(1000 / PacketsPerSecond);
    private static readonly TimeSpan FirstPacket = TimeSpan.FromMilliseconds(320);
    private static readonly TimeSpan[] Setup =
    [
        TimeSpan.Zero,
        TimeSpan.FromMilliseconds(5),
        TimeSpan.FromMilliseconds(100),
        TimeSpan.FromMilliseconds(300),
        TimeSpan.FromMilliseconds(310),
    ];

    /// <summary>The call-id of a call.</summary>
    public static string IdOf(int call) => $"{Before}{call:D5}{After}";

    /// <summary>The call of a call-id; false where it is none of ours.</summary>
    public static bool TryParseId(string callId, out int call)
    {
        call = -1;
        return callId.Length == Before.Length + Digits + After.Length
            && callId.StartsWith(Before, StringComparison.Ordinal)
            && callId.EndsWith(After, StringComparison.Ordinal)
            && int.TryParse(callId.AsSpan(Before.Length, Digits), out call);
    }

    /// <summary>When a packet comes, after the call's INVITE. It stands in its stream where it came.</summary>
    /// <param name="role">0 = caller, 1 = callee.</param>
    /// <param name="packet">From 0 on.</param>
    public static TimeSpan ArrivalOf(int role, long packet) => FirstPacket + (role * Between) + TimeSpan.FromTicks(packet * Packet.Ticks);

    /// <summary>Position of a stream's first sample, in samples at 8 kHz since the INVITE.</summary>
    public static long FirstPosition(int role) => (long)(ArrivalOf(role, 0).TotalMilliseconds * LoadVoice.SamplesPerMillisecond);

    /// <summary>Steps of one call.</summary>
    internal static int Steps(LoadPlan plan) => ByeStep(plan) + 2;

    /// <summary>The step that is the BYE; its answer follows.</summary>
    internal static int ByeStep(LoadPlan plan) => SetupSteps + (2 * plan.Seconds * PacketsPerSecond);

    /// <summary>When a step comes, after the call's INVITE.</summary>
    internal static TimeSpan OffsetOf(int step, LoadPlan plan)
    {
        if (step < SetupSteps)
            return Setup[step];
        int media = step - SetupSteps;
        int bye = ByeStep(plan) - SetupSteps;
        return media < bye
            ? ArrivalOf(media % 2, media / 2)
            : ArrivalOf(0, bye / 2) + ((media - bye) * TimeSpan.FromMilliseconds(5));
    }
}
