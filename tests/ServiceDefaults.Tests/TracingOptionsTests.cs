using System.Diagnostics;
using CallMirror.ServiceDefaults.Startup;
using CallMirror.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CallMirror.ServiceDefaults.Tests;

[Collection(OneAtATime.Name)]
public sealed class TracingOptionsTests
{
    [Fact]
    public void They_are_read_from_the_configuration()
    {
        using var host = Build(("CallMirror:Telemetry:BatchSampling", "7"), ("CallMirror:Telemetry:IncludeParties", "true"));
        var options = host.Services.GetRequiredService<IOptions<TracingOptions>>().Value;
        Assert.Equal((7, true), (options.BatchSampling, options.IncludeParties));
    }

    [Fact]
    public async Task A_mistake_is_said_in_a_sentence()
    {
        var errors = new StringWriter();
        Assert.Equal(1, await ServiceRun.RunServiceAsync(Build(("CallMirror:Telemetry:BatchSampling", "-1")), begin: null, errors, TestContext.Current.CancellationToken));
        Assert.Equal("Invalid settings: CallMirror:Telemetry:BatchSampling must be between 0 and 1000000.", errors.ToString().Trim());
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    public async Task A_sampler_by_trace_id_decides_over_calls(string ratio, bool traced)
    {
        // Nobody has to be there to receive it.
        using var host = Build(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"), ("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", ratio), ("OTEL_EXPORTER_OTLP_TIMEOUT", "1"));
        await host.StartAsync(TestContext.Current.CancellationToken);
        using var source = new ActivitySource("CallMirror.Sampled");
        var call = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);
        using (var span = source.StartActivity("sampled", ActivityKind.Internal, call))
            Assert.Equal(traced, span is { Recorded: true });
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    private static IHost Build(params (string Setting, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "callmirror-tested" });
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Setting, (string?)pair.Value)));
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        return builder.Build();
    }
}
