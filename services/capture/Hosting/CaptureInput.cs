using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;
using CallMirror.Capture.Synthetic;
using CallMirror.ServiceDefaults.Settings;
using Microsoft.Extensions.Options;

namespace CallMirror.Capture.Hosting;

/// <summary>Where a capture process of its own gets its packets from. Section <c>CallMirror:Capture</c>, like <see cref="CaptureOptions"/>.</summary>
internal sealed class CaptureInput
{
    public const string Section = CaptureOptions.Section;

    /// <summary>The interface, or <c>any</c>.</summary>
    public string? Interface { get; set; }

    /// <summary>Capture files in place of an interface, read as one in the order of their packets' times.</summary>
    public string[] Files { get; private set; } = [];

    /// <summary>A BPF filter.</summary>
    public string? Filter { get; set; }

    /// <summary>How fast files are played: a number of times as captured, or <c>max</c>.</summary>
    public string Speed { get; set; } = "1";

    /// <summary>Files are played as if they came from an interface: now, at their own pace, waiting for nobody.</summary>
    public bool Replay { get; set; }

    /// <summary>When the first packet of <see cref="Replay"/> comes; what should have come before capture began never comes. Null: now.</summary>
    public DateTimeOffset? ReplayAt { get; set; }

    /// <summary>Made-up calls in place of an interface.</summary>
    public LoadPlan? Load { get; set; }

    /// <summary>Takes the settings over.</summary>
    public void Read(IConfigurationSection section)
    {
        section.Bind(this);
        Files = ListSetting.Read(section, "File") ?? [];
    }

    /// <summary>Opens it.</summary>
    /// <exception cref="CaptureException">A file or the interface can't be opened.</exception>
    public IPacketSource Open(CaptureOptions options, TimeProvider time)
    {
        if (Interface is { Length: > 0 } device)
            return PcapDeviceSource.Open(device, options.RingBytes, Filter, options.ImmediateMode);
        if (Load is { } plan)
            return new LoadSource(plan, time);
        var files = MergedSource.OpenFiles(Files, Filter);
        if (Replay)
            return new LiveReplaySource(files, ReplayAt, time);
        // Checked at start.
        _ = PlaybackSpeed.TryParse(Speed, out double? speed);
        return PacedSource.Play(files, speed, time);
    }
}

/// <summary>Checks <see cref="CaptureInput"/> at start.</summary>
internal sealed class CaptureInputValidator : IValidateOptions<CaptureInput>
{
    public ValidateOptionsResult Validate(string? name, CaptureInput options)
    {
        List<string> problems = [];
        bool[] sources = [!string.IsNullOrEmpty(options.Interface), options.Files.Length > 0, options.Load is not null];
        if (sources.Count(isSaid => isSaid) != 1)
            problems.Add("say where packets come from: either CallMirror:Capture:Interface or CallMirror:Capture:File.");
        if (options.Load?.Problem is { } problem)
            problems.Add($"CallMirror:Capture:Load: {problem}.");
        if (!PlaybackSpeed.TryParse(options.Speed, out _))
            problems.Add($"CallMirror:Capture:Speed must be a number such as 1 or 2.5, or max, not '{options.Speed}'.");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
