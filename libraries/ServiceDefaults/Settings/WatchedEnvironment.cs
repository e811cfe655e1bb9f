using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace CallMirror.ServiceDefaults.Settings;

/// <summary>The environment as settings, which notes what is asked of it: a variable that nobody asks for is misspelt.</summary>
internal sealed class WatchedEnvironment : EnvironmentVariablesConfigurationProvider, IConfigurationSource
{
    private readonly ConcurrentDictionary<string, bool> _asked = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The keys that are there, such as <c>CallMirror:Broker:Uri</c>.</summary>
    public IEnumerable<string> Present => Data.Keys;

    /// <summary>The keys that somebody has asked for, there or not.</summary>
    public IEnumerable<string> Asked => _asked.Keys;

    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <inheritdoc/>
    public override bool TryGet(string key, out string? value)
    {
        _asked.TryAdd(key, true);
        return base.TryGet(key, out value);
    }
}
