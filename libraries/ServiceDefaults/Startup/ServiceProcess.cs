using CallMirror.ServiceDefaults.Health;
using CallMirror.ServiceDefaults.Prometheus;
using CallMirror.ServiceDefaults.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CallMirror.ServiceDefaults.Startup;

/// <summary>The process around a service: settings from the environment and the command line, logs, telemetry, health, a clean stop.</summary>
public static class ServiceProcess
{
    private const string HealthVerb = "health";

    // Orchestrators kill after ten seconds.
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(8);

    /// <summary>Runs a service until it is stopped, and returns the exit code.</summary>
    /// <param name="args">The command line: settings, or <c>health</c>, which asks the service that is running already.</param>
    /// <param name="name">The service's name in telemetry.</param>
    /// <param name="healthPort">Where <c>/health</c> and <c>/metrics</c> are, where the settings don't say.</param>
    /// <param name="add">Adds the service to its host.</param>
    public static async Task<int> RunAsync(string[] args, string name, int healthPort, Action<WebApplicationBuilder> add)
    {
        bool asksHealth = args is [HealthVerb, ..];
        // Without the usual defaults: they watch the working directory for changed settings.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = name });
        var environment = new WatchedEnvironment();
        ((IConfigurationBuilder)builder.Configuration).Add(environment).AddCommandLine(asksHealth ? args[1..] : args);
        if (asksHealth)
            return await HealthQuestion.AskAsync(builder.Configuration, healthPort, Console.Out);
        AddLogging(builder);
        builder.AddServiceDefaults();
        builder.Services.AddRoutingCore().Configure<HostOptions>(host => host.ShutdownTimeout = StopWithin);
        builder.Services.AddSingleton<MetricsScrape>();
        builder.AddHealthPort(healthPort);
        add(builder);
        builder.Services.AddSingleton(environment).AddHostedService<SettingsCheck>();
        var app = builder.Build();
        return await ServiceRun.RunServiceAsync(app, () => app.MapHealth().MapMetrics(), Console.Error, CancellationToken.None);
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // Why it can't start is said in a sentence, and what is not healthy by whoever asks.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
    }
}
