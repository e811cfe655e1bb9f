using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace CallMirror.WsSink.Tests;

/// <summary>A sender over a real WebSocket.</summary>
internal sealed class SinkClient : IDisposable
{
    /// <summary>Of the registry of RFC 6455 §11.7; the enum of .NET ends before it.</summary>
    public const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;

    private readonly ClientWebSocket _socket = new();

    public ClientWebSocket Socket => _socket;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<SinkClient> ConnectAsync(Uri uri)
    {
        var client = new SinkClient();
        client._socket.Options.CollectHttpResponseDetails = true;
        await client._socket.ConnectAsync(uri, Cancel);
        return client;
    }

    public static JsonObject Start(string tag, long position = 0, string? resumes = null)
    {
        var stream = resumes ?? tag;
        var role = stream[^1] - '0';
        var start = new JsonObject
        {
            ["type"] = "start",
            ["call_id"] = "id of " + stream[..^2],
            ["tag"] = tag,
            ["role"] = role,
            ["direction"] = role == 0 ? "caller" : "callee",
            ["encoding"] = "L16",
            ["sample_rate"] = 16000,
            ["channels"] = 1,
            ["position"] = position,
            ["from"] = "sip:alice@example.com",
            ["to"] = "sip:bob@example.com",
            ["started_at"] = "2026-01-02T03:04:05.678Z",
            ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };
        if (resumes is not null)
            start["resumes"] = resumes;
        return start;
    }

    /// <summary>Samples that say where they are, so that a lost, doubled or moved one shows.</summary>
    public static short[] Samples(long position, int count) => [.. Enumerable.Range(0, count).Select(i => (short)((position + i) * 7919))];

    public static byte[] Pcm(long position, int count) => MemoryMarshal.AsBytes<short>(Samples(position, count)).ToArray();

    public Task SendAsync(JsonNode text) => SendTextAsync(text.ToJsonString());

    public Task SendTextAsync(string text) => _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Cancel);

    public Task SendBinaryAsync(byte[] bytes, bool last = true) => _socket.SendAsync(bytes, WebSocketMessageType.Binary, last, Cancel);

    /// <summary>Sends samples in frames of 20 ms.</summary>
    public async Task SendAudioAsync(long position, int count)
    {
        for (var done = 0; done < count; done += 320)
            await SendBinaryAsync(Pcm(position + done, Math.Min(320, count - done)));
    }

    public Task SendEventAsync(string type, long? position, string? digit = null)
    {
        var text = new JsonObject { ["type"] = type };
        if (position is { } at)
            text["position"] = at;
        if (digit is not null)
            text["digit"] = digit;
        return SendAsync(text);
    }

    public Task SendEndAsync(long position, string reason = "bye") =>
        SendAsync(new JsonObject { ["type"] = "end", ["position"] = position, ["reason"] = reason });

    /// <summary>The next text; null where a close frame came instead.</summary>
    public async Task<JsonNode?> ReceiveAsync()
    {
        var buffer = new byte[1024];
        var received = await _socket.ReceiveAsync(buffer.AsMemory(), Cancel);
        return received.MessageType == WebSocketMessageType.Close ? null : JsonNode.Parse(buffer.AsSpan(0, received.Count));
    }

    public async Task<long> AckAsync()
    {
        var ack = await ReceiveAsync() ?? throw new InvalidOperationException($"Closed: {_socket.CloseStatusDescription}");
        Assert.Equal("ack", (string?)ack["type"]);
        return (long)ack["position"]!;
    }

    /// <summary>Reads acks until everything before <paramref name="position"/> is stored.</summary>
    public async Task AckedAsync(long position)
    {
        while (await AckAsync() < position)
        {
            // Earlier acks.
        }
    }

    /// <summary>Ends the stream as a gateway does: `end`, then close; when this returns, its files are made.</summary>
    public async Task FinishAsync(long position, string reason = "bye")
    {
        await SendEndAsync(position, reason);
        await CloseAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, _socket.CloseStatus);
    }

    public Task CloseAsync() => _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);

    /// <summary>Reads on until the listener closes and gives its status and the word that its reason begins with.</summary>
    public async Task<(WebSocketCloseStatus? Status, string? Word)> ClosedAsync()
    {
        while (await ReceiveAsync() is not null)
        {
            // Acks on the way.
        }
        if (_socket.State == WebSocketState.CloseReceived)
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        return (_socket.CloseStatus, _socket.CloseStatusDescription?.Split(':')[0]);
    }

    /// <summary>Breaks the connection without a word.</summary>
    public void Break() => _socket.Abort();

    public void Dispose() => _socket.Dispose();
}
