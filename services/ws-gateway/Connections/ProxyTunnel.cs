using System.Text;

namespace CallMirror.WsGateway.Connections;

/// <summary>Asks an HTTP proxy for a connection to a listener: CONNECT (RFC 9110 §9.3.6).</summary>
internal static class ProxyTunnel
{
    /// <summary>The connection to the listener, which owns the one to the proxy.</summary>
    /// <exception cref="IOException">The proxy refuses, or speaks no HTTP; the message is for the user.</exception>
    public static async Task<Stream> OpenAsync(Stream connection, Uri proxy, Uri url, CancellationToken cancellationToken)
    {
        await connection.WriteAsync(Request(proxy, url), cancellationToken);
        var reader = new ResponseReader(connection, new byte[WebSocketUpgrade.MaxHeadBytes]);
        var answer = await reader.FinalAsync(cancellationToken);
        if (answer.Status is < 200 or >= 300)
            throw new UpgradeRefusedException(answer.Status, location: null, $"{Words(proxy)} answered {answer.Status} {answer.Reason}".TrimEnd() + Advice(answer.Status));
        return reader.Ahead.IsEmpty ? connection : new ReadAheadStream(reader.Ahead, connection);
    }

    /// <summary>The proxy in a sentence, without its password.</summary>
    public static string Words(Uri proxy) => $"the proxy at {proxy.IdnHost}:{proxy.Port}";

    private static byte[] Request(Uri proxy, Uri url)
    {
        string target = $"{UpgradeRequest.NameOf(url)}:{url.Port}";
        var request = new StringBuilder($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if (proxy.UserInfo.Length > 0)
            request.Append("Proxy-Authorization: Basic ").Append(Credentials(proxy.UserInfo)).Append("\r\n");
        return Encoding.ASCII.GetBytes(request.Append("\r\n").ToString());
    }

    // RFC 7617 §2.
    private static string Credentials(string userInfo)
    {
        string both = Uri.UnescapeDataString(userInfo);
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(both.Contains(':', StringComparison.Ordinal) ? both : both + ":"));
    }

    private static string Advice(int status) => status == 407 ? ": name a user, as in http://user:password@host:port" : "";
}
