using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace CallMirror.WsGateway.Joining;

/// <summary>The door: lists the calls that are up, and lets listeners join them.</summary>
internal sealed class JoinEndpoint(CallDirectory directory, CallTaps taps, ListenOptions options, JoinParts parts)
{
    private const string Bearer = "Bearer ";
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly byte[]? _token = string.IsNullOrEmpty(options.ListenToken) ? null : Hash(options.ListenToken);

    public async Task HandleAsync(HttpContext context)
    {
        var target = JoinTarget.Parse(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if ((RefuseStranger(context) ?? Refuse(context, target)) is { } refusal)
            await RefuseAsync(context, refusal);
        else if (target.Kind == JoinTargetKind.Calls)
            await ListAsync(context);
        else
            await JoinAsync(context, target.CallId, target.Role!.Value);
    }

    private Refusal? RefuseStranger(HttpContext context)
    {
        string authorization = context.Request.Headers.Authorization.ToString();
        if (_token is not null)
            return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && CryptographicOperations.FixedTimeEquals(Hash(authorization[Bearer.Length..].Trim()), _token)
                ? null
                : new Refusal(StatusCodes.Status401Unauthorized, "This needs the gateway's token, as Authorization: Bearer.");
        // Only browsers send it: without a token, any web page could listen in through whoever looks at it.
        return context.Request.Headers.Origin.Count > 0 ? new Refusal(StatusCodes.Status403Forbidden, "Web pages are let in only where the gateway has a token.") : null;
    }

    private Refusal? Refuse(HttpContext context, in JoinTarget target)
    {
        if (target.Kind == JoinTargetKind.Unknown)
            return new Refusal(StatusCodes.Status404NotFound, $"Here are {JoinTarget.CallsPath} and {JoinTarget.CallsPath}/{{call-id}}/{{role}}.");
        if (!HttpMethods.IsGet(context.Request.Method))
            return new Refusal(StatusCodes.Status405MethodNotAllowed, "Only GET is possible.");
        if (target.Kind == JoinTargetKind.Calls)
            return null;
        if (target.Role is null)
            return new Refusal(StatusCodes.Status400BadRequest, "The role is 0 (caller), 1 (callee) or stereo.");
        if (!directory.TryFind(target.CallId, out var call))
            return NotUp(target.CallId);
        if (!context.WebSockets.IsWebSocketRequest)
            return new Refusal(StatusCodes.Status426UpgradeRequired, "This is a WebSocket: ask for an upgrade.");
        return call.IsEncrypted ? new Refusal(StatusCodes.Status409Conflict, $"The audio of call {call.CallId} is encrypted and can't be decoded.") : null;
    }

    private Refusal NotUp(string callId) => directory.HasEnded(callId)
        ? new Refusal(StatusCodes.Status410Gone, $"Call {callId} has ended.")
        : new Refusal(StatusCodes.Status404NotFound, $"No call {callId} is up.");

    private Task ListAsync(HttpContext context) => context.Response.WriteAsJsonAsync(
        new CallList([.. directory.Calls.Select(call => ListedCall.Of(call, taps.ListenersOf(call.Key)))]), JoinJson.Default.CallList, cancellationToken: context.RequestAborted);

    private async Task JoinAsync(HttpContext context, string callId, int role)
    {
        var error = JoinError.Ended;
        if (!directory.TryFind(callId, out var call) || !taps.TryJoin(call, role, out var seat, out error))
        {
            await RefuseAsync(context, Full(callId, error));
            return;
        }

        string tag = seat.Identity.Tag;
        parts.Logger.Joined(tag);
        string reason = "not-accepted";
        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { DangerousEnableCompression = false });
            using var listener = new JoinedListener(socket, seat, options, parts.Time);
            reason = await listener.RunAsync(context.RequestAborted);
        }
        finally
        {
            seat.Dispose();
            parts.Metrics.Left(reason);
            parts.Logger.Left(tag, reason);
        }
    }

    private Refusal Full(string callId, JoinError error) => error switch
    {
        JoinError.TooManyOfCall => new(StatusCodes.Status503ServiceUnavailable, $"{options.MaxListenersOfCall} listeners have joined call {callId} already."),
        JoinError.TooMany => new(StatusCodes.Status503ServiceUnavailable, $"{options.MaxListeners} listeners have joined calls here already."),
        JoinError.Stopping => new(StatusCodes.Status503ServiceUnavailable, "The gateway stops."),
        _ => new(StatusCodes.Status410Gone, $"Call {callId} has ended."),
    };

    private async Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        parts.Metrics.Refused(refusal.Status);
        var headers = context.Response.Headers;
        context.Response.StatusCode = refusal.Status;
        switch (refusal.Status)
        {
            case StatusCodes.Status401Unauthorized:
                headers.WWWAuthenticate = Bearer.TrimEnd();
                break;
            case StatusCodes.Status405MethodNotAllowed:
                headers.Allow = HttpMethods.Get;
                break;
            case StatusCodes.Status426UpgradeRequired:
                headers.Upgrade = "websocket";
                break;
            case StatusCodes.Status503ServiceUnavailable:
                headers.RetryAfter = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
                break;
        }

        var problem = new Problem(refusal.Status, ReasonPhrases.GetReasonPhrase(refusal.Status), refusal.Sentence);
        await context.Response.WriteAsJsonAsync(problem, JoinJson.Default.Problem, "application/problem+json", context.RequestAborted);
    }

    // Of one length, so that the comparison tells nothing of the token's.
    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private sealed record Refusal(int Status, string Sentence);
}
