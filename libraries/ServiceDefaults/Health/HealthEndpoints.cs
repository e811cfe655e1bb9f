using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CallMirror.ServiceDefaults.Health;

/// <summary>Where an orchestrator asks how a service is.</summary>
public static class HealthEndpoints
{
    /// <summary>
    /// Maps <c>/health</c>, 200 while no check fails (it may say <c>degraded</c>, and why), and <c>/alive</c>, 200 while the process works at all;
    /// both 503 otherwise.
    /// </summary>
    public static WebApplication MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = WriteAsync });
        app.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Defaults.LiveTag), ResponseWriter = WriteAsync });
        return app;
    }

    // {"status":"unhealthy","checks":{"broker":{"status":"unhealthy","reason":"..."}}}
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var checks = new JsonObject();
        foreach (var (name, entry) in report.Entries)
            checks[name] = new JsonObject { ["status"] = Word(entry.Status), ["reason"] = entry.Description ?? entry.Exception?.Message };
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(new JsonObject { ["status"] = Word(report.Status), ["checks"] = checks }.ToJsonString(JsonSerializerOptions.Web));
    }

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
