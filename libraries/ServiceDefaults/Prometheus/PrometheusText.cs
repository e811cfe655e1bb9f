using System.Globalization;
using System.Text;

namespace CallMirror.ServiceDefaults.Prometheus;

/// <summary>What kind of numbers a family holds.</summary>
internal enum PrometheusType
{
    /// <summary>It only ever grows.</summary>
    Counter,

    /// <summary>It goes up and down.</summary>
    Gauge,

    /// <summary>Counts by upper bound, with their sum.</summary>
    Histogram,
}

/// <summary>
/// Writes Prometheus' text format 0.0.4, family by family. Whatever names and values it is given, the text is valid: of two families of one name,
/// and of two series with the same labels, the first stands.
/// </summary>
internal sealed class PrometheusText
{
    /// <summary>What an answer in this format says that it is.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);
    private readonly HashSet<string> _series = new(StringComparer.Ordinal);
    private string _family = "";

    /// <summary>Begins a family; false where there is one of that name already.</summary>
    /// <param name="name">As <see cref="PrometheusNames.Family"/> makes it.</param>
    /// <param name="type">What it holds.</param>
    /// <param name="help">What it means, in one line.</param>
    public bool TryBegin(string name, PrometheusType type, string help)
    {
        if (!_families.Add(name))
            return false;
        _family = name;
        _series.Clear();
        _text.Append("# HELP ").Append(name).Append(' ').Append(Escaped(help, quotes: false)).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(Word(type)).Append('\n');
        return true;
    }

    /// <summary>Adds one number of a counter or a gauge to the family at hand.</summary>
    public void Add(IReadOnlyCollection<KeyValuePair<string, object?>> tags, double value)
    {
        string labels = Labels(tags);
        if (_series.Add(labels))
            Line("", labels, value);
    }

    /// <summary>Adds one series of a histogram to the family at hand.</summary>
    /// <param name="tags">Its tags.</param>
    /// <param name="buckets">Each bucket's upper bound, rising, and how many values are in it alone; those beyond the last bound count in <paramref name="count"/> only.</param>
    /// <param name="count">How many values there are in all.</param>
    /// <param name="sum">Their sum.</param>
    public void Add(IReadOnlyCollection<KeyValuePair<string, object?>> tags, IEnumerable<(double Bound, long Count)> buckets, long count, double sum)
    {
        string labels = Labels(tags);
        if (!_series.Add(labels))
            return;
        string before = labels.Length == 0 ? "" : labels + ",";
        long below = 0;
        foreach (var (bound, inside) in buckets)
        {
            below += inside;
            if (!double.IsPositiveInfinity(bound))
                Line("_bucket", $"{before}le=\"{Number(bound)}\"", below);
        }

        Line("_bucket", before + "le=\"+Inf\"", count);
        Line("_sum", labels, sum);
        Line("_count", labels, count);
    }

    /// <summary>All that was written.</summary>
    public override string ToString() => _text.ToString();

    private void Line(string suffix, string labels, double value)
    {
        _text.Append(_family).Append(suffix);
        if (labels.Length > 0)
            _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    // Keys that Prometheus spells alike are one label with all their values.
    private static string Labels(IReadOnlyCollection<KeyValuePair<string, object?>> tags)
    {
        if (tags.Count == 0)
            return "";
        var byName = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            string name = PrometheusNames.Label(key);
            byName[name] = byName.TryGetValue(name, out string? other) ? $"{other};{Text(value)}" : Text(value);
        }

        return string.Join(',', byName.Select(label => $"{label.Key}=\"{Escaped(label.Value, quotes: true)}\""));
    }

    private static string Text(object? value) => value switch
    {
        bool yes => yes ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    private static string Escaped(string text, bool quotes)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }

    private static string Word(PrometheusType type) => type switch
    {
        PrometheusType.Counter => "counter",
        PrometheusType.Gauge => "gauge",
        _ => "histogram",
    };
}
