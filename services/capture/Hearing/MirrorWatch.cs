using CallMirror.Capture.Engine;
using CallMirror.Capture.Sources;
using Microsoft.Extensions.Options;

namespace CallMirror.Capture.Hearing;

/// <summary>
/// Says what an interface hears, and knows whether it hears anything. Of any other source it says nothing. Fed by the capture loop; others may ask
/// at any time.
/// </summary>
public sealed partial class MirrorWatch(IOptions<CaptureOptions> options, TimeProvider time, ILogger<MirrorWatch> logger)
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(500);

    private readonly Lock _turn = new();
    private MirrorHearing? _hearing;
    private long _beganAt;
    private long _lookedAt;
    private volatile string? _latest;

    /// <summary>Who is told in place of the log. The capture waits for him.</summary>
    public Action<string>? Said { get; set; }

    /// <summary>What was said last; null where nothing was.</summary>
    public string? Latest => _latest;

    /// <summary>Nothing of calls comes, in a sentence; null where something does, or silence is normal.</summary>
    public string? Missing => Ask(static (hearing, now) => hearing.MissingAt(now));

    /// <summary>How long neither SIP nor RTP has come.</summary>
    public TimeSpan Silence => Ask(static (hearing, now) => hearing.SilenceUntil(now));

    internal CallsHeard Calls => Ask(static (hearing, _) => hearing.Calls);

    /// <summary>The capture of a source begins.</summary>
    internal void Begin(IPacketSource source)
    {
        lock (_turn)
        {
            _hearing = source.Device is { } device ? new MirrorHearing(device, options.Value) : null;
            _beganAt = _lookedAt = time.GetTimestamp();
        }
    }

    /// <summary>Looks at what has come, now and then.</summary>
    internal void Look(CaptureEngine engine, IPacketSource source)
    {
        if (_hearing is null || time.GetElapsedTime(_lookedAt) < LookPeriod)
            return;
        _lookedAt = time.GetTimestamp();
        var counts = new HeardCounts(
            source.Figures.Packets, engine.Counters.Sip, engine.Counters.Of(CapturedKind.Rtp), engine.Hear(options.Value.SayAfter));
        HeardLine? line;
        lock (_turn)
            line = _hearing.Hear(counts, time.GetElapsedTime(_beganAt, _lookedAt));
        if (line is not null)
            Say(line);
    }

    private void Say(HeardLine line)
    {
        _latest = line.Sentence;
        if (Said is { } said)
            said(line.Sentence);
        else if (line.IsProblem)
            LogProblem(line.Sentence);
        else
            LogHeard(line.Sentence);
    }

    private T? Ask<T>(Func<MirrorHearing, TimeSpan, T> question)
    {
        lock (_turn)
            return _hearing is null ? default : question(_hearing, time.GetElapsedTime(_beganAt));
    }

    [LoggerMessage(LogLevel.Warning, "{Sentence}")]
    private partial void LogProblem(string sentence);

    [LoggerMessage(LogLevel.Information, "{Sentence}")]
    private partial void LogHeard(string sentence);
}
