using System.Text.RegularExpressions;

namespace CallMirror.TestKit;

/// <summary>A row of <c>docs/metrics.md</c>.</summary>
/// <param name="Name">Its name in OTLP.</param>
/// <param name="Prometheus">Its name in Prometheus.</param>
/// <param name="Kind"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
/// <param name="Unit">Its unit (UCUM).</param>
/// <param name="Tags">The keys of its tags.</param>
public sealed record MetricsRow(string Name, string Prometheus, string Kind, string Unit, IReadOnlyList<string> Tags);

/// <summary>The tables of <c>docs/metrics.md</c>.</summary>
public static partial class MetricsTable
{
    /// <summary>All rows, in their order.</summary>
    public static IReadOnlyList<MetricsRow> Read() =>
        [.. File.ReadAllLines(Path.Combine(TestData.Root, "docs", "metrics.md")).Select(line => Row().Match(line)).Where(match => match.Success).Select(Read)];

    private static MetricsRow Read(Match row) => new(
        row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value, row.Groups[4].Value, [.. Code().Matches(row.Groups[5].Value).Select(tag => tag.Groups[1].Value)]);

    [GeneratedRegex(@"^\| `(callmirror\.[^`]+)` \| `([^`]+)` \| (\w+) \| `([^`]+)` \| ([^|]*)\|")]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
