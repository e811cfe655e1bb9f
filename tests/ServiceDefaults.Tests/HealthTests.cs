using System.Net;
using CallMirror.ServiceDefaults.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace CallMirror.ServiceDefaults.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task A_service_without_checks_of_its_own_is_healthy_and_alive()
    {
        await using var app = await StartAsync(HealthStatus.Healthy);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await AskAsync(app));
    }

    [Fact]
    public async Task A_failing_check_makes_it_unhealthy_but_not_dead()
    {
        await using var app = await StartAsync(HealthStatus.Unhealthy);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), await AskAsync(app));
    }

    private static async Task<WebApplication> StartAsync(HealthStatus broker)
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        builder.Services.AddHealthChecks().AddCheck("broker", () => new HealthCheckResult(broker));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build().MapHealth();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static async Task<(HttpStatusCode Health, HttpStatusCode Alive)> AskAsync(WebApplication app)
    {
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var health = await client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        using var alive = await client.GetAsync(new Uri("/alive", UriKind.Relative), TestContext.Current.CancellationToken);
        return (health.StatusCode, alive.StatusCode);
    }
}
