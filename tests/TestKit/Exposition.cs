using System.Globalization;
using System.Text.RegularExpressions;

namespace CallMirror.TestKit;

/// <summary>One number of a family, with the labels that it has.</summary>
public sealed record ExpositionSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>One family of Prometheus' text.</summary>
public sealed record ExpositionFamily(string Name, string Type, string Help, IReadOnlyList<ExpositionSample> Samples)
{
    /// <summary>The sum of its samples of this name, of those alone that have the label where one is given.</summary>
    public double Sum(string suffix = "", (string Name, string Value)? label = null) =>
        Samples.Where(sample => sample.Name == Name + suffix && (label is not { } wanted || sample.Labels.GetValueOrDefault(wanted.Name) == wanted.Value)).Sum(sample => sample.Value);
}

/// <summary>Reads Prometheus' text format 0.0.4, written from its specification and stricter: whatever it does not allow is a <see cref="FormatException"/>.</summary>
public static partial class Exposition
{
    /// <summary>The families by name.</summary>
    /// <exception cref="FormatException">The text is not valid; the message names the line.</exception>
    public static IReadOnlyDictionary<string, ExpositionFamily> Read(string text)
    {
        Demand(text.Length == 0 || text[^1] == '\n', "the last line does not end", text);
        var families = new Dictionary<string, ExpositionFamily>(StringComparer.Ordinal);
        string[] lines = text.Split('\n')[..^1];
        for (int at = 0; at < lines.Length;)
        {
            var help = Match(HelpLine(), lines[at++]);
            string name = help.Groups[1].Value;
            Demand(at < lines.Length, "nothing follows", lines[at - 1]);
            var type = Match(TypeLine(), lines[at++]);
            Demand(type.Groups[1].Value == name, "the type is of another family", lines[at - 1]);
            List<ExpositionSample> samples = [];
            while (at < lines.Length && !lines[at].StartsWith('#'))
                samples.Add(Sample(lines[at++], name, type.Groups[2].Value));
            var family = new ExpositionFamily(name, type.Groups[2].Value, Unescaped(help.Groups[2].Value, HelpEscape()), samples);
            Demand(families.TryAdd(name, family), "the family is there already", name);
            Check(family);
        }

        return families;
    }

    private static ExpositionSample Sample(string line, string family, string type)
    {
        var match = Match(SampleLine(), line);
        string name = match.Groups[1].Value;
        string[] names = type == "histogram" ? [family + "_bucket", family + "_sum", family + "_count"] : [family];
        Demand(names.Contains(name), "the sample is of another family", line);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match label in Label().Matches(match.Groups[2].Value))
            Demand(labels.TryAdd(label.Groups[1].Value, Unescaped(label.Groups[2].Value, LabelEscape())), "a label comes twice", line);
        return new ExpositionSample(name, labels, Number(match.Groups[3].Value, line));
    }

    private static double Number(string text, string line)
    {
        double value = text switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && !double.IsInfinity(number) => number,
            _ => throw new FormatException($"no number: {line}"),
        };
        return value;
    }

    private static void Check(ExpositionFamily family)
    {
        var series = family.Samples.Select(sample => sample.Name + "|" + Text(sample, [])).ToList();
        Demand(series.Distinct().Count() == series.Count, "a series comes twice", family.Name);
        if (family.Type == "histogram")
            foreach (var one in family.Samples.GroupBy(sample => Text(sample, ["le"])))
                CheckHistogram(family.Name, [.. one]);
    }

    // Buckets rise, in bounds and in counts, up to +Inf, which holds them all.
    private static void CheckHistogram(string name, List<ExpositionSample> samples)
    {
        var buckets = samples.Where(sample => sample.Name == name + "_bucket").Select(sample => (Bound: Number(sample.Labels["le"], name), sample.Value)).ToList();
        Demand(buckets.Zip(buckets.Skip(1)).All(pair => pair.First.Bound < pair.Second.Bound && pair.First.Value <= pair.Second.Value), "buckets do not rise", name);
        Demand(buckets is [.., (double.PositiveInfinity, _)], "there is no bucket +Inf", name);
        Demand(samples.Count(sample => sample.Name == name + "_sum") == 1, "there is no sum", name);
        Demand(samples.Single(sample => sample.Name == name + "_count").Value == buckets[^1].Value, "the count is not that of +Inf", name);
    }

    private static string Text(ExpositionSample sample, string[] but) =>
        string.Join('\u0001', sample.Labels.Where(label => !but.Contains(label.Key)).OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}\u0002{label.Value}"));

    private static string Unescaped(string text, Regex escape) =>
        escape.Replace(text, match => match.Value == "\\n" ? "\n" : match.Value[1..]);

    private static Match Match(Regex pattern, string line)
    {
        var match = pattern.Match(line);
        Demand(match.Success, "not understood", line);
        return match;
    }

    private static void Demand(bool holds, string problem, string line)
    {
        if (!holds)
            throw new FormatException($"{problem}: {line}");
    }

    [GeneratedRegex(@"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\[\\n])*)$", RegexOptions.Singleline)]
    private static partial Regex HelpLine();

    [GeneratedRegex("^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*=""(?:[^""\\]|\\[""\\n])*""(?:,(?!\}))?)+)\})? (\S+)$", RegexOptions.Singleline)]
    private static partial Regex SampleLine();

    [GeneratedRegex(@"([a-zA-Z_][a-zA-Z0-9_]*)=""((?:[^""\\]|\\[""\\n])*)""", RegexOptions.Singleline)]
    private static partial Regex Label();

    [GeneratedRegex(@"\\[\\n]")]
    private static partial Regex HelpEscape();

    [GeneratedRegex(@"\\[\\n""]")]
    private static partial Regex LabelEscape();
}
