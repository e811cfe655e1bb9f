using System.Collections;

namespace CallMirror.AllInOne.Embedded;

/// <summary>The only settings that a run in one process reads from the environment: all others are on its command line.</summary>
internal static class TelemetrySettings
{
    private static readonly string[] Prefixes = ["OTEL_", "CallMirror__Telemetry__"];

    /// <summary>OpenTelemetry's own, and what is traced.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> OfEnvironment() =>
        from DictionaryEntry variable in Environment.GetEnvironmentVariables()
        let name = (string)variable.Key
        where Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        select KeyValuePair.Create(name.Replace("__", ":", StringComparison.Ordinal), (string?)variable.Value);
}
