using System.Collections;

namespace CallMirror.AllInOne.Embedded;

/// <summary>The only settings that a run in one process reads from the environment: all others are on its command line.</summary>
internal static class EnvironmentSettings
{
    private static readonly string[] Prefixes =
    [
        "OTEL_", "CallMirror__Telemetry__", "CallMirror__SipTracker__AnswerDelay",
        "CallMirror__Capture__QuietFor", "CallMirror__Capture__SayAfter", "CallMirror__Capture__SayEvery",
    ];

    /// <summary>OpenTelemetry's own, what is traced, how long sip-tracker's answers are held back, and when what is said of an interface.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Read() =>
        from DictionaryEntry variable in Environment.GetEnvironmentVariables()
        let name = (string)variable.Key
        where Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        select KeyValuePair.Create(name.Replace("__", ":", StringComparison.Ordinal), (string?)variable.Value);
}
