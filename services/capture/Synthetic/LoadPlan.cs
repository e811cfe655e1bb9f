namespace CallMirror.Capture.Synthetic;

/// <summary>Calls that nobody makes, to see what a machine carries: two streams of PCMA each, 50 packets a second in both directions.</summary>
public sealed record LoadPlan
{
    /// <summary>More have no addresses.</summary>
    public const int MaxCalls = 20_000;

    /// <summary>How many.</summary>
    public int Calls { get; init; }

    /// <summary>Seconds of audio of each.</summary>
    public int Seconds { get; init; } = 60;

    /// <summary>From the first INVITE to the last.</summary>
    public TimeSpan Ramp { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Samples of one stream, at 8 kHz.</summary>
    public long StreamSamples => (long)Seconds * LoadCall.PacketsPerSecond * LoadVoice.SamplesPerPacket;

    /// <summary>RTP packets of all streams.</summary>
    public long RtpPackets => 2L * Calls * Seconds * LoadCall.PacketsPerSecond;

    /// <summary>When a call's INVITE comes, after the first one's. In whole microseconds.</summary>
    public TimeSpan BeginOf(int call) => TimeSpan.FromMicroseconds((long)Ramp.TotalMicroseconds * call / Math.Max(1, Calls));

    /// <summary>From the first INVITE to the end of the last call.</summary>
    public TimeSpan Length => Ramp + LoadCall.OffsetOf(LoadCall.Steps(this) - 1, this);

    /// <summary>What can't be, in a sentence; null where it can.</summary>
    public string? Problem => this switch
    {
        { Calls: < 1 or > MaxCalls } => $"{Calls} calls are not possible; say 1 to {MaxCalls}",
        { Seconds: < 1 or > 86_400 } => $"{Seconds} seconds are not possible; say 1 to 86400",
        _ when Ramp < TimeSpan.Zero || Ramp.TotalSeconds > Seconds => $"a ramp of {Ramp.TotalSeconds:0.###} s is not possible; the last call must begin before the first ends, {Seconds} s later",
        _ => null,
    };
}
