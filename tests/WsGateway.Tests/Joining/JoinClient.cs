using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using CallMirror.WsGateway.Tests.Connections;

namespace CallMirror.WsGateway.Tests.Joining;

/// <summary>A real WebSocket client that has joined a call. A slow one reads nothing before it is told to, through a small window.</summary>
internal sealed class JoinClient : IAsyncDisposable
{
    private const int SmallWindow = 4096;
    private const int LargeWindow = 1 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket;
    private readonly HttpMessageInvoker _connector;
    private readonly Socket _tcp;
    private readonly TaskCompletionSource _reads = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _leaving = new();
    private readonly Lock _lock = new();
    private readonly Heard _heard = new() { Headers = [] };
    private readonly Task _receiving;

    private JoinClient(ClientWebSocket socket, HttpMessageInvoker connector, Socket tcp, bool isSlow)
    {
        (_socket, _connector, _tcp) = (socket, connector, tcp);
        if (!isSlow)
            Read();
        _receiving = ReceiveAsync();
    }

    /// <summary>What it has heard by now; complete after <see cref="EndAsync"/>.</summary>
    public Heard Heard => _heard;

    public string? CloseReason => _socket.CloseStatusDescription;

    public int AudioBytes
    {
        get
        {
            lock (_lock)
                return _heard.Audio.Count;
        }
    }

    public long Position => _heard.Start.GetProperty("position").GetInt64();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<JoinClient> ConnectAsync(Uri url, bool isSlow = false, string? token = null)
    {
        var socket = new ClientWebSocket();
        if (token is not null)
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        var tcp = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var connector = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                if (isSlow)
                    tcp.ReceiveBufferSize = SmallWindow;
                await tcp.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(tcp, ownsSocket: true);
            },
        });
        await socket.ConnectAsync(url, connector, Cancel);
        return new JoinClient(socket, connector, tcp, isSlow);
    }

    /// <summary>From now on it reads.</summary>
    public void Read()
    {
        _tcp.ReceiveBufferSize = LargeWindow;
        _reads.TrySetResult();
    }

    /// <summary>Waits until its connection has ended.</summary>
    public async Task<Heard> EndAsync()
    {
        await _receiving.WaitAsync(Limit, Cancel);
        return _heard;
    }

    /// <summary>Waits until it has its start.</summary>
    public Task StartedAsync() => Eventually.HoldsAsync(() => Texts > 0, "it has its start");

    public int Texts
    {
        get
        {
            lock (_lock)
                return _heard.Texts.Count;
        }
    }

    /// <summary>Says goodbye.</summary>
    public async Task LeaveAsync()
    {
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancel);
        await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        _socket.Abort();
        await _receiving;
        _socket.Dispose();
        _connector.Dispose();
        _leaving.Dispose();
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            await _reads.Task.WaitAsync(_leaving.Token);
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(), _leaving.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                    break;
                Assert.True(received.EndOfMessage);
                Take(buffer.AsSpan(0, received.Count), received.MessageType);
            }

            _heard.Closed = _socket.CloseStatus;
            if (_socket.State == WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _leaving.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // Cut, or the test is over.
        }
    }

    private void Take(ReadOnlySpan<byte> message, WebSocketMessageType type)
    {
        lock (_lock)
        {
            if (type == WebSocketMessageType.Binary)
            {
                _heard.Audio.AddRange(message);
                _heard.Frames.Add(message.Length);
                return;
            }

            _heard.TextsAfter.Add(_heard.Audio.Count);
            _heard.Texts.Add(JsonSerializer.Deserialize<JsonElement>(Encoding.UTF8.GetString(message)));
        }
    }
}
