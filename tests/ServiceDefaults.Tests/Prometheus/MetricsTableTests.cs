using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using CallMirror.ServiceDefaults.Prometheus;
using CallMirror.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.ServiceDefaults.Tests.Prometheus;

/// <summary>docs/metrics.md is what the code makes, no more and no less.</summary>
public sealed partial class MetricsTableTests
{
    [Fact]
    public void Every_instrument_is_in_the_table_and_every_row_is_an_instrument()
    {
        var made = Instruments();
        Assert.True(made.Count > 50, $"only {made.Count} instruments were found");
        Assert.Equal(made.Select(Row).Order(), MetricsTable.Read().Select(row => $"{row.Name} {row.Prometheus} {row.Kind} {row.Unit}").Order());
    }

    [Fact]
    public void No_two_have_one_name_in_Prometheus()
    {
        var names = MetricsTable.Read().Select(row => row.Prometheus).ToList();
        Assert.Equal(names.Distinct(), names);
    }

    [Fact]
    public void Instruments_are_made_in_classes_that_are_named_for_it_and_nowhere_else()
    {
        var files = new[] { "libraries", "services" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(TestData.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(path => Creation().IsMatch(File.ReadAllText(path)))
            .Select(Path.GetFileName).ToList();
        Assert.Contains("GatewayMetrics.cs", files);
        Assert.All(files, file => Assert.EndsWith("Metrics.cs", file, StringComparison.Ordinal));
    }

    [Fact]
    public void Histograms_of_time_reach_from_below_what_is_good_to_beyond_what_is_bad() =>
        Assert.All(Instruments().OfType<Histogram<double>>(), histogram =>
        {
            var bounds = histogram.Advice?.HistogramBucketBoundaries;
            Assert.True(bounds is { Count: > 8 }, $"{histogram.Name} has OpenTelemetry's own boundaries, which are for milliseconds");
            Assert.Equal(bounds.Order(), bounds);
        });

    private static string Row(Instrument instrument)
    {
        var type = instrument.GetType().Name.Split('`')[0] switch
        {
            "Counter" or "ObservableCounter" => PrometheusType.Counter,
            "Histogram" => PrometheusType.Histogram,
            _ => PrometheusType.Gauge,
        };
        return $"{instrument.Name} {PrometheusNames.Family(instrument.Name, instrument.Unit, type)} {type.ToString().ToLowerInvariant()} {instrument.Unit}";
    }

    /// <summary>All that is made by whatever takes an <see cref="IMeterFactory"/> in the assemblies of CallMirror.</summary>
    private static List<Instrument> Instruments()
    {
        List<Instrument> made = [];
        using var services = new ServiceCollection().AddLogging().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope == factory)
                made.Add(instrument);
        };
        listener.Start();
        foreach (var type in Makers())
            ActivatorUtilities.CreateInstance(services, type);
        return made;
    }

    private static IEnumerable<Type> Makers() =>
        Directory.EnumerateFiles(AppContext.BaseDirectory, "CallMirror.*.dll")
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => !name.EndsWith("Tests", StringComparison.Ordinal) && !name.EndsWith("TestKit", StringComparison.Ordinal))
            .SelectMany(name => Assembly.Load(name).GetTypes())
            .Where(type => type.GetConstructors().Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == typeof(IMeterFactory))));

    [GeneratedRegex(@"\.Create(?:Observable)?(?:Counter|UpDownCounter|Gauge|Histogram)\b")]
    private static partial Regex Creation();
}
