using System.Text;

namespace CallMirror.ServiceDefaults.Prometheus;

/// <summary>OpenTelemetry's names as Prometheus spells them (OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility").</summary>
internal static class PrometheusNames
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["d"] = "days",
        ["h"] = "hours",
        ["min"] = "minutes",
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["ns"] = "nanoseconds",
        ["By"] = "bytes",
        ["KiBy"] = "kibibytes",
        ["MiBy"] = "mebibytes",
        ["GiBy"] = "gibibytes",
        ["Hz"] = "hertz",
        ["%"] = "percent",
    };

    /// <summary>The name of a family: with its unit (UCUM), and <c>_total</c> where it only ever grows.</summary>
    public static string Family(string name, string? unit, PrometheusType type)
    {
        const string Total = "_total";
        string text = Clean(name, colons: true);
        if (type == PrometheusType.Counter && text.EndsWith(Total, StringComparison.Ordinal))
            text = text[..^Total.Length];
        if (Unit(unit ?? "", type) is { Length: > 0 } word && !text.EndsWith(word, StringComparison.Ordinal))
            text = $"{text.TrimEnd('_')}_{word}";
        if (type == PrometheusType.Counter)
            text = text.TrimEnd('_') + Total;
        return text.Length == 0 || char.IsAsciiDigit(text[0]) ? "_" + text : text;
    }

    /// <summary>The name of a label. Those that a histogram has for itself are not given away.</summary>
    public static string Label(string key)
    {
        string text = Clean(key, colons: false);
        if (text.Length == 0 || char.IsAsciiDigit(text[0]))
            return "key_" + text;
        return text is "le" or "quantile" ? "exported_" + text : text;
    }

    // {packet} is for people; By/s is bytes per second.
    private static string Unit(string unit, PrometheusType type)
    {
        if (unit.StartsWith('{') || unit.Length == 0)
            return "";
        if (unit == "1")
            return type == PrometheusType.Gauge ? "ratio" : "";
        string[] parts = unit.Split('/', 2);
        string word = Word(parts[0]);
        return parts.Length == 1 ? word : $"{word}_per_{Word(parts[1]).TrimEnd('s')}".Trim('_');
    }

    private static string Word(string unit) => Words.TryGetValue(unit, out string? word) ? word : Clean(unit, colons: false).Trim('_');

    // What is no letter, digit or colon becomes an underscore, and several of those become one.
    private static string Clean(string name, bool colons)
    {
        var text = new StringBuilder(name.Length);
        foreach (char c in name)
        {
            if (char.IsAsciiLetterOrDigit(c) || (c == ':' && colons))
                text.Append(c);
            else if (text.Length == 0 || text[^1] != '_')
                text.Append('_');
        }

        return text.ToString();
    }
}
