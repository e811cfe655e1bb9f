using System.CommandLine;
using CallMirror.Capture;
using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;

namespace CallMirror.AllInOne.Commands;

/// <summary>The options that say where packets come from, and how fast.</summary>
internal sealed class InputOptions
{
    /// <summary>The window where nobody waits for the audio: each message costs the same whatever it holds, so there are fewer of them.</summary>
    public static readonly TimeSpan ThroughputWindow = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LatencyWindow = new CaptureOptions().Window;

    private readonly Option<string[]> _pcap = CommonOptions.Pcap();
    private readonly Option<string?> _interface = new("--interface") { Description = "Interface to capture from; \"any\" for all.", HelpName = "IF" };
    private readonly Option<string?> _filter = CommonOptions.Filter();

    private readonly Option<string> _speed = new("--speed")
    {
        Description = "How fast a file is played: 1 = as captured, N = N times as fast, max = as fast as it can be read.",
        DefaultValueFactory = _ => "1",
        HelpName = "N|max",
    };

    private readonly Option<int?> _window = new("--window")
    {
        Description = "Milliseconds of audio in one message between the services, 10 to 2000; the audio is the same with any. "
            + $"Without it {LatencyWindow.TotalMilliseconds:0}, more while a live capture lags, and {ThroughputWindow.TotalMilliseconds:0} with --speed {PlaybackSpeed.Max}.",
        CustomParser = CommonOptions.ParseNumber,
        HelpName = "MS",
    };

    public void AddTo(Command command)
    {
        command.Add(_pcap);
        command.Add(_interface);
        command.Add(_filter);
        command.Add(_speed);
        command.Add(_window);
    }

    /// <summary>What the command line says.</summary>
    /// <exception cref="CommandException">It says too little, too much, or what can't be.</exception>
    public Input Read(ParseResult parsed)
    {
        var files = parsed.GetValue(_pcap) ?? [];
        string? device = parsed.GetValue(_interface);
        if (files.Length == 0 && device is null)
            throw new CommandException("say where packets come from: --pcap FILE... or --interface IF");
        if (files.Length > 0 && device is not null)
            throw new CommandException("say either --pcap or --interface, not both");
        double? speed = device is null ? Speed(parsed.GetValue(_speed)!) : 1;
        var input = new Input(files, device, parsed.GetValue(_filter), speed);
        if (parsed.GetValue(_window) is { } milliseconds)
            return input with { Window = Window(milliseconds), WindowGrows = false };
        return speed is null ? input with { Window = ThroughputWindow } : input;
    }

    private static TimeSpan Window(int milliseconds) => milliseconds is >= 10 and <= 2000
        ? TimeSpan.FromMilliseconds(milliseconds)
        : throw new CommandException($"a window of {milliseconds} ms is not possible; say 10 to 2000");

    /// <summary>Times as fast as captured; null for as fast as can be read.</summary>
    public static double? Speed(string text) => PlaybackSpeed.TryParse(text, out double? speed)
        ? speed
        : throw new CommandException($"\"{text}\" is not a speed; say a number such as 1 or 2.5, or {PlaybackSpeed.Max}");
}

/// <summary>Where packets come from.</summary>
internal sealed record Input(IReadOnlyList<string> Files, string? Device, string? Filter, double? Speed)
{
    /// <summary>How much audio is in one message.</summary>
    public TimeSpan Window { get; init; } = new CaptureOptions().Window;

    /// <summary>Whether a live capture that lags may have longer windows.</summary>
    public bool WindowGrows { get; init; } = true;

    public bool IsLive => Device is not null;

    /// <summary>Makes a capture batch as asked for.</summary>
    public void Apply(CaptureOptions capture)
    {
        capture.Window = Window;
        if (!WindowGrows)
            capture.LongestWindow = Window;
    }

    /// <summary>Opens it.</summary>
    /// <exception cref="CaptureException">A file or the interface can't be opened.</exception>
    public IPacketSource Open(TimeProvider time)
    {
        if (Device is not null)
            return PcapDeviceSource.Open(Device, new CaptureOptions().RingBytes, Filter);
        return PacedSource.Play(MergedSource.OpenFiles(Files, Filter), Speed, time);
    }
}
