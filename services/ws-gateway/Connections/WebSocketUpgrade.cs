using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace CallMirror.WsGateway.Connections;

/// <summary>The opening handshake of a client (RFC 6455 §4.1), over HTTP/1.1.</summary>
internal static class WebSocketUpgrade
{
    private const int KeyBytes = 16;
    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Asks for the upgrade and returns the stream of the connection, TLS undone.</summary>
    /// <exception cref="HttpRequestException">There is no connection, or the listener answered something else.</exception>
    public static async Task<Stream> AskAsync(HttpMessageInvoker http, Uri url, WsGatewayOptions options, CancellationToken cancellationToken)
    {
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));
        using var request = Request(url, key, options);
        var response = await http.SendAsync(request, cancellationToken);
        if (Problem(response, key) is not { } problem)
            return await response.Content.ReadAsStreamAsync(cancellationToken);
        response.Dispose();
        throw new HttpRequestException(problem);
    }

    private static HttpRequestMessage Request(Uri url, string key, WsGatewayOptions options)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        foreach (var (name, value) in options.Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (options.BearerToken is { Length: > 0 } token)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", key);
        return request;
    }

    private static string? Problem(HttpResponseMessage response, string key)
    {
        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
            return $"it answered {(int)response.StatusCode} {response.ReasonPhrase}, which is no WebSocket".Replace(" ,", ",", StringComparison.Ordinal);
        if (!response.Headers.TryGetValues("Sec-WebSocket-Accept", out var accept) || accept.Single() != Accept(key))
            return "its handshake is none of a WebSocket";
        return response.Headers.Contains("Sec-WebSocket-Extensions") || response.Headers.Contains("Sec-WebSocket-Protocol")
            ? "it insists on an extension or subprotocol that was not offered"
            : null;
    }

#pragma warning disable CA5350 // RFC 6455 §4.2.2 asks for SHA-1; nothing is kept safe by it.
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Guid)));
#pragma warning restore CA5350
}
