using System.Globalization;
using CallMirror.Contracts.Naming;
using CallMirror.WsSink.Protocol;
using CallMirror.WsSink.Telemetry;

namespace CallMirror.WsSink.Sessions;

/// <summary>The door: what may become a WebSocket connection, on any path.</summary>
internal sealed class WebSocketEndpoint(SessionList sessions, SinkMetrics metrics)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public async Task HandleAsync(HttpContext context)
    {
        var refusal = Check(context);
        if (refusal == Refusal.None)
            refusal = sessions.TryEnter();
        if (refusal != Refusal.None)
        {
            await TurnAwayAsync(context, refusal);
            return;
        }
        try
        {
            context.Response.Headers[ListenerHeader.Acknowledges] = "position";
            using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { DangerousEnableCompression = false });
            await sessions.RunAsync(socket, context.RequestAborted);
        }
        finally
        {
            sessions.Leave();
        }
    }

    private static Refusal Check(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
            return Refusal.NotWebSocket;
        // Only browsers send it: without this, any web page could write into the folder of whoever looks at it.
        return context.Request.Headers.Origin.Count > 0 ? Refusal.BrowserOrigin : Refusal.None;
    }

    private async Task TurnAwayAsync(HttpContext context, Refusal refusal)
    {
        metrics.Refused(refusal);
        context.Response.StatusCode = refusal switch
        {
            Refusal.NotWebSocket => StatusCodes.Status426UpgradeRequired,
            Refusal.BrowserOrigin => StatusCodes.Status403Forbidden,
            _ => StatusCodes.Status503ServiceUnavailable,
        };
        if (context.Response.StatusCode == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        await context.Response.WriteAsync(refusal.Reason() + "\n", context.RequestAborted);
    }
}
