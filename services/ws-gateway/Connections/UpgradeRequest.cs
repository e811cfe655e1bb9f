using System.Text;

namespace CallMirror.WsGateway.Connections;

/// <summary>The request that opens a WebSocket (RFC 6455 §4.1, points 1 to 12), in HTTP/1.1 (RFC 9112 §3).</summary>
internal static class UpgradeRequest
{
    /// <summary>The header that offers subprotocols, and names the one that was taken (RFC 6455 §11.3.4).</summary>
    public const string SubprotocolHeader = "Sec-WebSocket-Protocol";

    private static readonly string UserAgent = $"CallMirror/{typeof(UpgradeRequest).Assembly.GetName().Version?.ToString(3)}";

    // What is said here or not at all: the handshake's own (RFC 6455 §4.1), and the length of a body that a GET does not have (RFC 9112 §6.3).
    private static readonly HashSet<string> OwnNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Upgrade", "Sec-WebSocket-Version", "Sec-WebSocket-Key", "Content-Length", "Transfer-Encoding",
    };

    /// <summary>The whole request, with the headers and the token of <paramref name="options"/>.</summary>
    public static byte[] Write(Uri url, string key, WsGatewayOptions options)
    {
        var request = new StringBuilder();
        request.Append("GET ").Append(url.PathAndQuery).Append(" HTTP/1.1\r\n");
        Append(request, "Host", Host(url, options));
        foreach (var (name, value) in options.Headers)
            if (!OwnNames.Contains(name))
                Append(request, name, value);
        if (!options.Headers.ContainsKey("User-Agent"))
            Append(request, "User-Agent", UserAgent);
        if (options.Subprotocol is { Length: > 0 } subprotocol && !options.Headers.ContainsKey(SubprotocolHeader))
            Append(request, SubprotocolHeader, subprotocol);
        if (options.BearerToken is { Length: > 0 } token)
            Append(request, "Authorization", $"Bearer {token}");
        Append(request, "Connection", "Upgrade");
        Append(request, "Upgrade", "websocket");
        Append(request, "Sec-WebSocket-Version", "13");
        Append(request, "Sec-WebSocket-Key", key);
        return Encoding.ASCII.GetBytes(request.Append("\r\n").ToString());
    }

    /// <summary>Whom the request is for (RFC 9110 §7.2): what the settings say, else the URL's host, with the port where it is not that of the scheme.</summary>
    public static string Host(Uri url, WsGatewayOptions options)
    {
        if (options.Headers.TryGetValue("Host", out string? named))
            return named;
        return url.IsDefaultPort ? NameOf(url) : $"{NameOf(url)}:{url.Port}";
    }

    /// <summary>The URL's host as a request names it: an IPv6 address in brackets, without a zone, which means nothing elsewhere (RFC 6874 §1).</summary>
    public static string NameOf(Uri url) => url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost;

    /// <summary>What is offered, by the setting or by a header; compared as it stands (RFC 6455 §4.1, 6).</summary>
    public static IReadOnlyCollection<string> Subprotocols(WsGatewayOptions options)
    {
        string? offered = options.Headers.TryGetValue(SubprotocolHeader, out string? header) ? header : options.Subprotocol;
        return offered?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
    }

    private static void Append(StringBuilder request, string name, string value) => request.Append(name).Append(": ").Append(value).Append("\r\n");
}
