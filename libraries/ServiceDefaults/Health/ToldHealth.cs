using CallMirror.ServiceDefaults.Prometheus;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CallMirror.ServiceDefaults.Health;

/// <summary>The health and the metrics of a host that has no web server, told by one that has.</summary>
public static class ToldHealth
{
    /// <summary>Makes a host ready to be asked.</summary>
    public static IServiceCollection AddToldHealth(this IServiceCollection services)
    {
        services.AddSingleton<MetricsScrape>();
        services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [Defaults.LiveTag]);
        return services;
    }

    /// <summary>Makes a web server tell of such a host, which it does not outlive.</summary>
    public static IServiceCollection AddToldHealthOf(this IServiceCollection services, IServiceProvider host) =>
        services.AddSingleton(host.GetRequiredService<MetricsScrape>()).AddSingleton(host.GetRequiredService<HealthCheckService>());

    /// <summary>Maps <c>/health</c>, <c>/alive</c> and <c>/metrics</c>.</summary>
    public static WebApplication MapToldHealth(this WebApplication app) => app.MapHealth().MapMetrics();
}
