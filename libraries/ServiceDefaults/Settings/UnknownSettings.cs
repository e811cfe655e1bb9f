using Microsoft.Extensions.Configuration;

namespace CallMirror.ServiceDefaults.Settings;

/// <summary>Names the settings of CallMirror that nobody has asked for, and what may be meant.</summary>
internal static class UnknownSettings
{
    private const string Prefix = "CallMirror:";

    // A whole fleet may share one environment: what another service reads is not misspelt.
    private static readonly string[] Sections = ["Broker", "Capture", "Gateway", "Health", "Sink", "SipTracker", "Telemetry", "Transcoder"];

    // Of a section that a service reads in part: the transcoder has no control plane.
    private static readonly string[] ReadInPart = ["CallMirror:Broker:ControlMaxAge", "CallMirror:Broker:ControlMaxBytes"];

    // As many letters may be wrong, missing or too many.
    private const int MostDifferent = 3;

    /// <summary>A sentence for each.</summary>
    /// <param name="present">Keys that are set.</param>
    /// <param name="asked">Keys that were asked for, set or not.</param>
    public static IEnumerable<string> Of(IEnumerable<string> present, IEnumerable<string> asked)
    {
        var known = asked.Where(IsOurs).Concat(ReadInPart).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var read = asked.Where(IsOurs).Select(SectionOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (string key in present.Where(IsOurs).Where(key => !known.Contains(key)).Order(StringComparer.Ordinal))
        {
            string section = SectionOf(key);
            bool isOfAnother = !read.Contains(section) && Sections.Contains(section, StringComparer.OrdinalIgnoreCase);
            if (!isOfAnother)
                yield return Sentence(key, known.Concat(Sections.Select(name => Prefix + name + key[(Prefix.Length + section.Length)..])));
        }
    }

    private static bool IsOurs(string key) => key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    private static string SectionOf(string key) => key[Prefix.Length..].Split(ConfigurationPath.KeyDelimiter)[0];

    private static string Sentence(string key, IEnumerable<string> known)
    {
        var (distance, nearest) = known.Where(other => !other.Equals(key, StringComparison.OrdinalIgnoreCase))
            .Select(other => (Distance: Distance(key.ToUpperInvariant(), other.ToUpperInvariant()), Key: other)).Order().FirstOrDefault((int.MaxValue, ""));
        string meant = distance <= MostDifferent ? $"; is {Variable(nearest)} meant?" : "; all settings are in docs/operations.md";
        return $"The setting {Variable(key)} is not known{meant}";
    }

    private static string Variable(string key) => key.Replace(ConfigurationPath.KeyDelimiter, "__", StringComparison.Ordinal);

    // Levenshtein's.
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[other.Length];
    }
}
