using System.Net;
using Microsoft.Extensions.Options;

namespace CallMirror.WsGateway.Joining;

/// <summary>Where running calls can be joined, by whom and by how many.</summary>
public sealed class ListenOptions
{
    /// <summary>The port of a process of its own.</summary>
    public const int DefaultPort = 8100;

    /// <summary>The IP address to listen on.</summary>
    public string ListenHost { get; set; } = "127.0.0.1";

    /// <summary>The port; 0 takes a free one, null does without.</summary>
    public int? ListenPort { get; set; } = DefaultPort;

    /// <summary>What each request must bring as <c>Authorization: Bearer …</c>; nothing: no request need bring any.</summary>
    public string? ListenToken { get; set; }

    /// <summary>Listeners at a time in all; one more is answered with 503.</summary>
    public int MaxListeners { get; set; } = 1_000;

    /// <summary>Listeners of one call at a time.</summary>
    public int MaxListenersOfCall { get; set; } = 64;

    /// <summary>Audio that waits for a slow listener; beyond it the oldest falls off.</summary>
    public TimeSpan ListenKeep { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a listener may take nothing at all.</summary>
    public TimeSpan ListenTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Calls that are known at a time; beyond it the oldest is forgotten.</summary>
    public int MaxCalls { get; set; } = 10_000;

    /// <summary>Media time that a missing chunk is waited for; null = as long as <see cref="StallLimit"/>.</summary>
    public TimeSpan? LateLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of one call in chunks that wait for an earlier one.</summary>
    public long MaxHeldBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Time without any chunk after which those that wait go on, and after which a call that is over by SIP is taken for over.</summary>
    public TimeSpan StallLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time without any chunk after which a call is taken for over.</summary>
    public TimeSpan IdleLimit { get; set; } = TimeSpan.FromHours(1);
}

/// <summary>Finds everything that is wrong with the options, not only the first thing.</summary>
internal sealed class ListenOptionsValidator : IValidateOptions<ListenOptions>
{
    public ValidateOptionsResult Validate(string? name, ListenOptions options)
    {
        List<string> problems = [];
        if (!IPAddress.TryParse(options.ListenHost, out _))
            problems.Add($"CallMirror:Gateway:ListenHost must be an IP address such as 127.0.0.1 or 0.0.0.0, not '{options.ListenHost}'.");
        if (options.ListenPort is < 0 or > IPEndPoint.MaxPort)
            problems.Add($"CallMirror:Gateway:ListenPort must be 0 to 65535 or empty, not {options.ListenPort}.");
        if (options.MaxListeners < 1 || options.MaxListenersOfCall < 1)
            problems.Add("CallMirror:Gateway:MaxListeners and MaxListenersOfCall must be at least 1.");
        foreach (var (what, time) in new[] { (nameof(options.ListenKeep), options.ListenKeep), (nameof(options.ListenTimeout), options.ListenTimeout) })
            if (time < TimeSpan.FromSeconds(0.1) || time > TimeSpan.FromHours(1))
                problems.Add($"CallMirror:Gateway:{what} must be a tenth of a second to an hour.");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
