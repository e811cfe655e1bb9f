using Microsoft.Extensions.Hosting;

namespace CallMirror.ServiceDefaults.Startup;

/// <summary>How a running service ends by itself.</summary>
public sealed class ServiceOutcome(IHostApplicationLifetime lifetime)
{
    private volatile string? _failure;

    /// <summary>Why it failed, in one sentence; null while it has not.</summary>
    public string? Failure => _failure;

    /// <summary>Its work is done: stops the host, and the exit code is 0.</summary>
    public void Done() => lifetime.StopApplication();

    /// <summary>It can't go on: stops the host, and the exit code is 1.</summary>
    public void Fail(string sentence)
    {
        _failure ??= sentence;
        lifetime.StopApplication();
    }
}
