using System.Net;
using Microsoft.Extensions.Options;

namespace CallMirror.ServiceDefaults.Health;

/// <summary>Where a service says how it is. Section <c>CallMirror:Health</c>.</summary>
public sealed class HealthOptions
{
    /// <summary>The section's name in the configuration.</summary>
    public const string Section = "CallMirror:Health";

    /// <summary>The IP address to listen on.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>The port; 0 takes a free one.</summary>
    public int Port { get; set; }
}

/// <summary>Checks <see cref="HealthOptions"/> at start.</summary>
internal sealed class HealthOptionsValidator : IValidateOptions<HealthOptions>
{
    public ValidateOptionsResult Validate(string? name, HealthOptions options)
    {
        List<string> problems = [];
        if (!IPAddress.TryParse(options.Host, out _))
            problems.Add($"CallMirror:Health:Host must be an IP address such as 127.0.0.1 or 0.0.0.0, not '{options.Host}'.");
        if (options.Port is < 0 or > IPEndPoint.MaxPort)
            problems.Add($"CallMirror:Health:Port must be 0 to 65535, not {options.Port}.");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
