using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using CallMirror.TestKit;

namespace CallMirror.Benchmarks.FirstFrame;

/// <summary>A plain WebSocket listener that notes when the first binary frame of each stream came. Warm before it is used.</summary>
internal sealed class FirstFrameListener : IAsyncDisposable
{
    private const int BufferBytes = 1 << 16;

    private readonly HttpListener _http = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<(string CallId, int Role), long> _first = [];
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _accepting;

    private FirstFrameListener(int port)
    {
        Url = new Uri($"ws://127.0.0.1:{port}/");
        _http.Prefixes.Add($"http://127.0.0.1:{port}/");
        _http.Start();
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }

    /// <summary>When the first frame of a stream came, in ticks of the clock; null where none has.</summary>
    public long? FirstOf(string callId, int role) => _first.TryGetValue((callId, role), out long at) ? at : null;

    public static async Task<FirstFrameListener> StartAsync()
    {
        int port;
        using (var reserved = new ReservedPort())
            port = reserved.Number;
        var listener = new FirstFrameListener(port);
        // What is cold here is none of what is measured.
        for (int i = 0; i < 50; i++)
        {
            using var socket = new ClientWebSocket();
            await socket.ConnectAsync(listener.Url, CancellationToken.None);
            await socket.SendAsync("{\"type\":\"start\",\"call_id\":\"warm\",\"role\":0}"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
            await socket.SendAsync(new byte[640], WebSocketMessageType.Binary, true, CancellationToken.None);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }

        return listener;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _http.Close();
        await _accepting;
        await Task.WhenAll(_connections);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _connections.Add(ServeAsync(await _http.GetContextAsync()));
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task ServeAsync(HttpListenerContext context)
    {
        try
        {
            // Disposed of, or whoever closes waits a second for the end of the connection.
            using var socket = (await context.AcceptWebSocketAsync(null)).WebSocket;
            byte[] buffer = new byte[BufferBytes];
            (string CallId, int Role)? stream = null;
            while (await socket.ReceiveAsync(buffer.AsMemory(), _stopping.Token) is { MessageType: not WebSocketMessageType.Close } received)
            {
                if (received.MessageType == WebSocketMessageType.Binary)
                    _first.TryAdd(stream!.Value, TimeProvider.System.GetUtcNow().Ticks);
                else
                    stream ??= StreamOf(buffer.AsMemory(0, received.Count));
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _stopping.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or HttpListenerException or ObjectDisposedException or IOException)
        {
            // The process that is measured has been stopped.
        }
    }

    private static (string CallId, int Role) StreamOf(ReadOnlyMemory<byte> start)
    {
        using var json = JsonDocument.Parse(start);
        return (json.RootElement.GetProperty("call_id").GetString()!, json.RootElement.GetProperty("role").GetInt32());
    }
}
