using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace CallMirror.ServiceDefaults.Health;

/// <summary>Where an orchestrator asks how a service is.</summary>
public static class HealthEndpoints
{
    /// <summary>Maps <c>/health</c>, 200 while all checks pass, and <c>/alive</c>, 200 while the process works at all; both 503 otherwise.</summary>
    public static WebApplication MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health");
        app.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Defaults.LiveTag) });
        return app;
    }
}
