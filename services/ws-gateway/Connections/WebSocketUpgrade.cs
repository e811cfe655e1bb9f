using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace CallMirror.WsGateway.Connections;

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

    /// <summary>Connects and asks for the upgrade; returns the stream of the WebSocket, TLS undone, which is the caller's.</summary>
    /// <exception cref="Exception">One of those that <see cref="ConnectionFailure.IsExpected"/> knows; nothing is left open then.</exception>
    public static async Task<Stream> OpenAsync(Uri url, WsGatewayOptions options, CancellationToken cancellationToken)
    {
        var connection = await ListenerSocket.ConnectAsync(url, options, cancellationToken);
        try
        {
            return await AskAsync(connection, url, options, cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<Stream> AskAsync(Stream connection, Uri url, WsGatewayOptions options, CancellationToken cancellationToken)
    {
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));
        await connection.WriteAsync(UpgradeRequest.Write(url, key, options), cancellationToken);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxHeadBytes);
        try
        {
            var reader = new ResponseReader(connection, buffer.AsMemory(0, MaxHeadBytes));
            if (Problem(await reader.FinalAsync(cancellationToken), key) is { } problem)
                throw new IOException(problem);
            return reader.Ahead.IsEmpty ? connection : new ReadAheadStream(reader.Ahead.ToArray(), connection);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // RFC 6455 §4.1, what a client must check of the response, 1 to 6.
    private static string? Problem(ResponseHead response, string key)
    {
        if (response.Status != 101)
            return $"it answered {response.Status} {response.Reason}, which is no WebSocket".Replace(" ,", ",", StringComparison.Ordinal);
        if (!IsOnly(response.Values("Upgrade"), "websocket", StringComparison.OrdinalIgnoreCase)
            || !response.Values("Connection").SelectMany(Tokens).Contains("Upgrade", StringComparer.OrdinalIgnoreCase)
            || !IsOnly(response.Values("Sec-WebSocket-Accept"), Accept(key), StringComparison.Ordinal))
            return "its handshake is none of a WebSocket";
        return response.Values("Sec-WebSocket-Extensions").Any() || response.Values("Sec-WebSocket-Protocol").Any()
            ? "it insists on an extension or subprotocol that was not offered"
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
