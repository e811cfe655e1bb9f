using CallMirror.ServiceDefaults.Prometheus;
using CallMirror.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.ServiceDefaults.Tests.Prometheus;

public sealed class PrometheusTextTests
{
    [Fact]
    public void Families_are_written_as_the_format_says()
    {
        var text = new PrometheusText();
        text.TryBegin("drops_total", PrometheusType.Counter, "Drops, by\nreason \\ \"why\"");
        text.Add([new("reason", "a \"b\" \\ c\nd"), new("kind", true)], 3);
        text.Add([new("reason", null)], 12345678901);
        text.TryBegin("level", PrometheusType.Gauge, "");
        text.Add([], double.NaN);
        text.TryBegin("took_seconds", PrometheusType.Histogram, "Time");
        text.Add([new("le", "mine")], [(0.005, 2), (0.1, 0), (10, 3), (double.PositiveInfinity, 1)], count: 6, sum: 31.25);

        Assert.Equal(
            """
            # HELP drops_total Drops, by\nreason \\ "why"
            # TYPE drops_total counter
            drops_total{kind="true",reason="a \"b\" \\ c\nd"} 3
            drops_total{reason=""} 12345678901
            # HELP level 
            # TYPE level gauge
            level NaN
            # HELP took_seconds Time
            # TYPE took_seconds histogram
            took_seconds_bucket{exported_le="mine",le="0.005"} 2
            took_seconds_bucket{exported_le="mine",le="0.1"} 2
            took_seconds_bucket{exported_le="mine",le="10"} 5
            took_seconds_bucket{exported_le="mine",le="+Inf"} 6
            took_seconds_sum{exported_le="mine"} 31.25
            took_seconds_count{exported_le="mine"} 6

            """,
            text.ToString());
    }

    [Fact]
    public void Of_two_families_of_one_name_and_two_series_with_the_same_labels_the_first_stands()
    {
        var text = new PrometheusText();
        Assert.True(text.TryBegin("a", PrometheusType.Gauge, "first"));
        text.Add([new("x.y", 1)], 1);
        text.Add([new("x_y", "1")], 2);
        Assert.False(text.TryBegin("a", PrometheusType.Counter, "second"));
        Assert.Equal("# HELP a first\n# TYPE a gauge\na{x_y=\"1\"} 1\n", text.ToString());
    }

    [Fact]
    public void Tags_that_become_one_label_share_it()
    {
        var text = new PrometheusText();
        text.TryBegin("a", PrometheusType.Gauge, "");
        text.Add([new("x.y", "1"), new("x-y", "2")], 0);
        Assert.Contains("a{x_y=\"1;2\"} 0\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_it_is_given_the_text_is_valid_and_means_what_it_was_given() => Properties.Hold(Metrics, metrics =>
    {
        var text = new PrometheusText();
        foreach (var (name, unit, type, help, tags, value) in metrics)
        {
            if (!text.TryBegin(PrometheusNames.Family(name, unit, type), type, help))
                continue;
            foreach (var set in tags)
                Add(text, type, set, value);
        }

        var families = Exposition.Read(text.ToString());
        Assert.Equal(metrics.Select(metric => PrometheusNames.Family(metric.Name, metric.Unit, metric.Type)).Distinct().Order(), families.Keys.Order());
        var first = metrics.Count > 0 ? metrics[0] : default;
        if (metrics.Count == 0)
            return;
        var family = families[PrometheusNames.Family(first.Name, first.Unit, first.Type)];
        Assert.Equal(first.Help, family.Help);
        foreach (var tag in first.Tags.Where(set => set.Length == 1 && set[0].Key != "le").Select(set => set[0]))
            Assert.Contains(family.Samples, sample => sample.Labels.GetValueOrDefault(PrometheusNames.Label(tag.Key)) == tag.Value);
    });

    private static void Add(PrometheusText text, PrometheusType type, (string Key, string Value)[] set, double value)
    {
        KeyValuePair<string, object?>[] tags = [.. set.Select(tag => KeyValuePair.Create(tag.Key, (object?)tag.Value))];
        if (type == PrometheusType.Histogram)
            text.Add(tags, [(-1, 2), (0.5, 0), (1e9, 4)], count: 7, value);
        else
            text.Add(tags, value);
    }

    private static Gen<string> Text { get; } = ArbMap.Default.GeneratorFor<string>().Select(text => text ?? "");

    // Half of the keys are such as collide.
    private static Gen<string> Key { get; } = Gen.OneOf(Text, Gen.Elements("le", "a.b", "a_b", "__a", "1", ""));

    private static Gen<(string Key, string Value)[]> Tags { get; } = Key.SelectMany(_ => Text, (key, value) => (key, value)).ArrayOf().Resize(4);

    private static Gen<List<(string Name, string? Unit, PrometheusType Type, string Help, (string Key, string Value)[][] Tags, double Value)>> Metrics { get; } =
        (from name in Key
         from unit in Gen.OneOf(Text, Gen.Elements("s", "By", "{call}", "1", "By/s", "/", ""))
         from type in Gen.Elements(Enum.GetValues<PrometheusType>())
         from help in Text
         from tags in Tags.ArrayOf().Resize(4)
         from value in ArbMap.Default.GeneratorFor<double>()
         select (name, (string?)unit, type, help, tags, value)).ListOf().Select(list => list.ToList());
}
