using System.Net;
using Microsoft.Extensions.Options;

namespace CallMirror.WsSink;

/// <summary>What the sink listens on, where it stores, and how much it puts up with.</summary>
public sealed record SinkOptions
{
    /// <summary>How often a stream that goes on is acknowledged: each fifth of a second of its audio.</summary>
    public const int AcksPerSecond = 5;

    /// <summary>The folder that gets the audio; it is made if it is not there.</summary>
    public string Directory { get; init; } = "audio";

    /// <summary>The IP address that both ports are bound to.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The WebSocket port; 0 takes a free one.</summary>
    public int Port { get; init; } = 8765;

    /// <summary>The port of the page and its JSON; 0 takes a free one, null does without.</summary>
    public int? PagePort { get; init; } = 8080;

    /// <summary>Whether a WAV for each stream and a stereo WAV for each call are made; the PCM and the JSON always are.</summary>
    public bool WavFiles { get; init; } = true;

    /// <summary>Connections at one time; one more is answered with HTTP 503.</summary>
    public int MaxConnections { get; init; } = 4_000;

    /// <summary>Bytes in one binary message; more closes the connection with 1009.</summary>
    public int MaxMessageBytes { get; init; } = 1 << 20;

    /// <summary>The longest hole that is filled with silence where a sender goes on beyond what is stored.</summary>
    public TimeSpan MaxHole { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a connection may take to send its `start`.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may say nothing; a call on hold says nothing.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a stream whose connection broke waits for another before it is finished as `connection-lost`.</summary>
    public TimeSpan ResumeTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a connection that was told to close may take to do so.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Ended calls that are kept in memory for the page; all of them stay on disk.</summary>
    public int RecentCalls { get; init; } = 1_000;
}

/// <summary>Finds everything that is wrong with the options, not only the first thing.</summary>
internal sealed class SinkOptionsValidator : IValidateOptions<SinkOptions>
{
    public ValidateOptionsResult Validate(string? name, SinkOptions options)
    {
        var problems = Problems(options).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    internal static void Demand(SinkOptions options)
    {
        var problems = Problems(options).ToList();
        if (problems.Count > 0)
            throw new OptionsValidationException(nameof(SinkOptions), typeof(SinkOptions), problems);
    }

    private static IEnumerable<string> Problems(SinkOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Directory))
            yield return "Directory must name a folder.";
        if (!IPAddress.TryParse(options.Host, out _))
            yield return $"Host must be an IP address such as 127.0.0.1 or 0.0.0.0, not '{options.Host}'.";
        if (options.Port is < 0 or > 65_535)
            yield return $"Port must be 0 to 65535, not {options.Port}.";
        if (options.PagePort is < 0 or > 65_535)
            yield return $"PagePort must be 0 to 65535, not {options.PagePort}.";
        if (options.PagePort == options.Port && options.Port != 0)
            yield return $"Port and PagePort must differ; both are {options.Port}.";
        if (options.MaxConnections < 1)
            yield return "MaxConnections must be at least 1.";
        if (options.MaxMessageBytes < 640)
            yield return "MaxMessageBytes must be at least 640, one frame of 20 ms.";
        if (options.RecentCalls < 0)
            yield return "RecentCalls must not be negative.";
        foreach (var (what, time) in Times(options))
            if (time <= TimeSpan.Zero || time > TimeSpan.FromDays(1))
                yield return $"{what} must be more than nothing and at most a day.";
    }

    private static IEnumerable<(string, TimeSpan)> Times(SinkOptions options) =>
    [
        (nameof(options.MaxHole), options.MaxHole),
        (nameof(options.StartTimeout), options.StartTimeout),
        (nameof(options.IdleTimeout), options.IdleTimeout),
        (nameof(options.ResumeTimeout), options.ResumeTimeout),
        (nameof(options.CloseTimeout), options.CloseTimeout),
    ];
}
