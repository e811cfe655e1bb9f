using System.Diagnostics.Metrics;
using System.Net;
using CallMirror.ServiceDefaults.Prometheus;
using CallMirror.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.ServiceDefaults.Tests.Prometheus;

/// <summary>A real web host that is scraped, with no endpoint for telemetry.</summary>
public sealed class MetricsEndpointTests
{
    [Fact]
    public async Task Every_kind_of_instrument_is_scraped_with_what_it_stands_at()
    {
        await using var app = await StartAsync();
        var meter = app.Services.GetRequiredService<IMeterFactory>().Create("CallMirror.ScrapedTest");
        long level = 7;
        meter.CreateObservableGauge("callmirror.scraped.level", () => level, "By");
        var drops = meter.CreateCounter<long>("callmirror.scraped.drops", "{packet}", "Drops, by reason");
        var calls = meter.CreateUpDownCounter<int>("callmirror.scraped.calls");
        var took = meter.CreateHistogram("callmirror.scraped.took", "s", "Time", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        drops.Add(2, new KeyValuePair<string, object?>("reason", "full"));
        drops.Add(1, new KeyValuePair<string, object?>("reason", "late"));
        calls.Add(3);
        calls.Add(-1);
        foreach (double seconds in new[] { 0.05, 0.1, 0.5, 60 })
            took.Record(seconds);

        var first = await ScrapeAsync(app);
        level = 9;
        drops.Add(1, new KeyValuePair<string, object?>("reason", "full"));
        var second = await ScrapeAsync(app);

        Assert.Equal((7, 9), (first["callmirror_scraped_level_bytes"].Sum(), second["callmirror_scraped_level_bytes"].Sum()));
        Assert.Equal(("counter", "Drops, by reason"), (first["callmirror_scraped_drops_total"].Type, first["callmirror_scraped_drops_total"].Help));
        Assert.Equal((2, 3), (Full(first), Full(second)));
        Assert.Equal(("gauge", 2), (first["callmirror_scraped_calls"].Type, first["callmirror_scraped_calls"].Sum()));
        var histogram = first["callmirror_scraped_took_seconds"];
        Assert.Equal(["0.1", "1", "+Inf"], histogram.Samples.Where(sample => sample.Labels.ContainsKey("le")).Select(sample => sample.Labels["le"]));
        Assert.Equal([2, 3, 4, 60.65, 4], histogram.Samples.Select(sample => sample.Value));
        Assert.Equal("callmirror-scraped", first["target_info"].Samples.Single().Labels["service_name"]);

        static double Full(IReadOnlyDictionary<string, ExpositionFamily> families) => families["callmirror_scraped_drops_total"].Sum(label: ("reason", "full"));
    }

    [Fact]
    public async Task Meters_of_others_are_not_shown()
    {
        await using var app = await StartAsync();
        app.Services.GetRequiredService<IMeterFactory>().Create("Other.Test").CreateCounter<long>("other.counted").Add(1);
        Assert.DoesNotContain(await ScrapeAsync(app), family => family.Key.Contains("other", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Many_may_scrape_at_once()
    {
        await using var app = await StartAsync();
        app.Services.GetRequiredService<IMeterFactory>().Create("CallMirror.BusyTest").CreateCounter<long>("callmirror.busy").Add(5);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ScrapeAsync(app)));
        Assert.All(answers, families => Assert.Equal(5, families["callmirror_busy_total"].Sum()));
    }

    [Fact]
    public async Task When_the_metrics_have_gone_it_says_so()
    {
        await using var app = await StartAsync();
        foreach (var service in app.Services.GetServices<IHostedService>().OfType<Telemetry.TelemetryExport>())
            await service.StopAsync(TestContext.Current.CancellationToken);
        using var answer = await AskAsync(app);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "callmirror-scraped" });
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore().AddSingleton<MetricsScrape>();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build().MapMetrics();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static async Task<IReadOnlyDictionary<string, ExpositionFamily>> ScrapeAsync(WebApplication app)
    {
        using var answer = await AskAsync(app);
        Assert.Equal((HttpStatusCode.OK, PrometheusText.ContentType), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
        return Exposition.Read(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<HttpResponseMessage> AskAsync(WebApplication app)
    {
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        return await client.GetAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
    }
}
