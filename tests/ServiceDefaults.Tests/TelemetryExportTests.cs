using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using CallMirror.ServiceDefaults.Prometheus;
using CallMirror.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.ServiceDefaults.Tests;

[Collection(OneAtATime.Name)]
public sealed class TelemetryExportTests
{
    [Fact]
    public async Task Without_an_endpoint_nothing_is_exported()
    {
        using var host = Build([]);
        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.False(host.Services.GetServices<IHostedService>().OfType<TelemetryExport>().Single().IsOn);
        using var source = new ActivitySource("CallMirror.Silent");
        Assert.Null(source.StartActivity("unheard"));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task With_an_endpoint_traces_and_metrics_of_ours_have_arrived_when_the_host_has_stopped()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await CollectAsync(received);
        using var host = Build(new()
        {
            [TelemetryExport.EndpointVariable] = collector.Urls.First(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        });
        await host.StartAsync(TestContext.Current.CancellationToken);
        using var source = new ActivitySource("CallMirror.Test");
        using var foreign = new ActivitySource("Other.Test");
        var meter = host.Services.GetRequiredService<IMeterFactory>().Create("CallMirror.Test");
        meter.CreateCounter<long>("callmirror.test.calls").Add(1);
        source.StartActivity("our-span")?.Dispose();
        Assert.Null(foreign.StartActivity("foreign-span"));
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Contains("our-span", received["/v1/traces"], StringComparison.Ordinal);
        Assert.Contains("callmirror.test.calls", received["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("callmirror-tested", received["/v1/metrics"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_metrics_that_are_exported_can_be_scraped_too()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await CollectAsync(received);
        using var host = Build(
            new() { [TelemetryExport.EndpointVariable] = collector.Urls.First(), ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" },
            services => services.AddSingleton<MetricsScrape>());
        await host.StartAsync(TestContext.Current.CancellationToken);
        host.Services.GetRequiredService<IMeterFactory>().Create("CallMirror.Both").CreateCounter<long>("callmirror.both.calls").Add(3);
        Assert.Contains("\ncallmirror_both_calls_total 3\n", host.Services.GetRequiredService<MetricsScrape>().Take(), StringComparison.Ordinal);
        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Contains("callmirror.both.calls", received["/v1/metrics"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_that_are_scraped_alone_trace_nothing()
    {
        using var host = Build([], services => services.AddSingleton<MetricsScrape>());
        await host.StartAsync(TestContext.Current.CancellationToken);
        using var source = new ActivitySource("CallMirror.Silent");
        Assert.Null(source.StartActivity("unheard"));
        Assert.NotNull(host.Services.GetRequiredService<MetricsScrape>().Take());
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static IHost Build(Dictionary<string, string?> settings, Action<IServiceCollection>? add = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "callmirror-tested" });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddServiceDefaults();
        add?.Invoke(builder.Services);
        builder.Logging.ClearProviders();
        return builder.Build();
    }

    /// <summary>A real HTTP server in the collector's place; protobuf keeps strings readable.</summary>
    private static async Task<WebApplication> CollectAsync(ConcurrentDictionary<string, string> received)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received[request.Path] = Encoding.Latin1.GetString(body.ToArray());
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
