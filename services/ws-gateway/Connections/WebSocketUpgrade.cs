using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using CallMirror.Contracts.Naming;

namespace CallMirror.WsGateway.Connections;

/// <summary>A listener that has taken the upgrade.</summary>
/// <param name="Stream">The stream of the WebSocket, TLS undone.</param>
/// <param name="Acknowledges">It has said that it acknowledges (<see cref="ListenerHeader.Acknowledges"/>).</param>
internal readonly record struct UpgradedStream(Stream Stream, bool Acknowledges);

/// <summary>
/// The opening handshake of a client (RFC 6455 §4.1), on the connection itself: an HTTP library keeps its buffers for as long as the connection that it
/// gave away, which is a whole call.
/// </summary>
internal static class WebSocketUpgrade
{
    /// <summary>As long as all heads of a listener's answer together may be.</summary>
    public const int MaxHeadBytes = 16 * 1024;

    private const int KeyBytes = 16;
    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Connects and asks for the upgrade, each within its time; returns the stream, which is the caller's. A redirection is followed once.</summary>
    /// <exception cref="Exception">One of those that <see cref="ConnectionFailure.IsExpected"/> knows; nothing is left open then.</exception>
    public static async Task<UpgradedStream> OpenAsync(Uri url, WsGatewayOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenThereAsync(url, options, time, cancellationToken);
        }
        catch (UpgradeRefusedException refused) when (Redirected(url, refused.Redirection) is { } there)
        {
            return await OpenThereAsync(there, IsSameHost(url, there) ? options : WithoutSecrets(options), time, cancellationToken);
        }
    }

    private static async Task<UpgradedStream> OpenThereAsync(Uri url, WsGatewayOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var connection = await WithinAsync(options.ConnectTimeout, limited => ListenerSocket.ConnectAsync(url, options, time, limited));
        try
        {
            return await WithinAsync(options.UpgradeTimeout, limited => AskAsync(connection, url, options, limited));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        async Task<T> WithinAsync<T>(TimeSpan limit, Func<CancellationToken, Task<T>> step)
        {
            using var timeout = new CancellationTokenSource(limit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            return await step(either.Token);
        }
    }

    // Null where it leads nowhere, or out of TLS.
    private static Uri? Redirected(Uri url, string? location)
    {
        if (location is null || !Uri.TryCreate(url, location, out var there))
            return null;
        string scheme = there.Scheme is "https" or "wss" ? "wss" : there.Scheme is "http" or "ws" ? "ws" : "";
        int port = there.IsDefaultPort ? -1 : there.Port;
        bool isUsable = scheme.Length > 0 && !(url.Scheme == "wss" && scheme == "ws");
        return isUsable ? new UriBuilder(there) { Scheme = scheme, Port = port, Fragment = "" }.Uri : null;
    }

    private static bool IsSameHost(Uri one, Uri other) => one.IdnHost == other.IdnHost && one.Port == other.Port;

    // What the listener is told in confidence is not for whom it names.
    private static WsGatewayOptions WithoutSecrets(WsGatewayOptions options) => new()
    {
        Subprotocol = options.Subprotocol,
        AcceptAnyCertificate = options.AcceptAnyCertificate,
        CaFile = options.CaFile,
        Proxy = options.Proxy,
        ConnectTimeout = options.ConnectTimeout,
        UpgradeTimeout = options.UpgradeTimeout,
    };

    private static async Task<UpgradedStream> AskAsync(Stream connection, Uri url, WsGatewayOptions options, CancellationToken cancellationToken)
    {
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));
        await connection.WriteAsync(UpgradeRequest.Write(url, key, options), cancellationToken);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxHeadBytes);
        try
        {
            var reader = new ResponseReader(connection, buffer.AsMemory(0, MaxHeadBytes));
            var response = await reader.FinalAsync(cancellationToken);
            Check(response, key, UpgradeRequest.Subprotocols(options));
            var stream = reader.Ahead.IsEmpty ? connection : new ReadAheadStream(reader.Ahead.ToArray(), connection);
            return new UpgradedStream(stream, response.Values(ListenerHeader.Acknowledges).Any());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Check(ResponseHead response, string key, IReadOnlyCollection<string> offered)
    {
        if (response.Status != 101)
        {
            string words = $"it answered {response.Status} {response.Reason}, which is no WebSocket".Replace(" ,", ",", StringComparison.Ordinal);
            throw new UpgradeRefusedException(response.Status, response.Values("Location").FirstOrDefault(), words);
        }

        if (Problem(response, key, offered) is { } problem)
            throw new IOException(problem);
    }

    // RFC 6455 §4.1, what a client must check of the response, 1 to 6.
    private static string? Problem(ResponseHead response, string key, IReadOnlyCollection<string> offered)
    {
        if (!IsOnly(response.Values("Upgrade"), "websocket", StringComparison.OrdinalIgnoreCase)
            || !response.Values("Connection").SelectMany(Tokens).Contains("Upgrade", StringComparer.OrdinalIgnoreCase)
            || !IsOnly(response.Values("Sec-WebSocket-Accept"), Accept(key), StringComparison.Ordinal))
            return "its handshake is none of a WebSocket";
        if (response.Values("Sec-WebSocket-Extensions").Any())
            return "it insists on an extension, and none was offered";
        return response.Values(UpgradeRequest.SubprotocolHeader).FirstOrDefault(taken => !offered.Contains(taken)) is { } foreign
            ? $"it insists on the subprotocol '{foreign}', which was not offered: offer it with --subprotocol"
            : null;
    }

    private static bool IsOnly(IEnumerable<string> values, string expected, StringComparison comparison) =>
        values.ToArray() is [var only] && only.Equals(expected, comparison);

    private static string[] Tokens(string list) => list.Split(',', StringSplitOptions.TrimEntries);

#pragma warning disable CA5350 // RFC 6455 §4.2.2 asks for SHA-1; nothing is kept safe by it.
    /// <summary>What a server answers to a key (RFC 6455 §4.2.2).</summary>
    public static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Guid)));
#pragma warning restore CA5350
}
