using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.ServiceDefaults.Prometheus;

/// <summary>Where Prometheus scrapes a service.</summary>
internal static class MetricsEndpoint
{
    /// <summary>Maps <c>/metrics</c>: text format 0.0.4, whatever else the one who asks would accept; 503 while there are none yet, or no more.</summary>
    public static WebApplication MapMetrics(this WebApplication app)
    {
        var scrape = app.Services.GetRequiredService<MetricsScrape>();
        app.MapGet("/metrics", context => AnswerAsync(context, scrape));
        return app;
    }

    private static Task AnswerAsync(HttpContext context, MetricsScrape scrape)
    {
        context.Response.ContentType = PrometheusText.ContentType;
        if (scrape.Take() is { } text)
            return context.Response.WriteAsync(text, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }
}
