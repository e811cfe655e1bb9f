using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace CallMirror.EndToEnd.Tests;

/// <summary>A listener that has joined a running call, as a user would write one: it keeps the texts and the audio.</summary>
internal sealed class JoinedCall : IAsyncDisposable
{
    private const int SmallWindow = 4096;
    private const int LargeWindow = 1 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly ClientWebSocket _socket = new();
    private readonly Socket _tcp = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly HttpMessageInvoker _connector;
    private readonly List<byte> _audio = [];
    private readonly ConcurrentQueue<JsonElement> _texts = [];
    private Task _reading = Task.CompletedTask;

    private JoinedCall(bool isSlow)
    {
        if (isSlow)
            _tcp.ReceiveBufferSize = SmallWindow;
        _connector = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                await _tcp.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(_tcp, ownsSocket: true);
            },
        });
    }

    /// <summary>Position of the first sample.</summary>
    public long Position => _texts.First().GetProperty("position").GetInt64();

    /// <summary>What has come that is not audio, so far.</summary>
    public IReadOnlyList<JsonElement> Texts => [.. _texts];

    public IEnumerable<string?> Types => _texts.Select(text => text.GetProperty("type").GetString());

    /// <summary>Position and samples of each gap.</summary>
    public IEnumerable<(long Position, long Samples)> Gaps => _texts.Where(text => text.GetProperty("type").GetString() == "gap")
        .Select(text => (text.GetProperty("position").GetInt64(), text.GetProperty("samples").GetInt64()));

    public short[] Samples => MemoryMarshal.Cast<byte, short>(_audio.ToArray()).ToArray();

    public WebSocketCloseStatus? Closed => _socket.CloseStatus;

    /// <summary>Joins; a slow one reads nothing before <see cref="Read"/>.</summary>
    /// <param name="calls">Where the calls are listed.</param>
    /// <param name="path">The stream's path, as the list has it.</param>
    /// <param name="isSlow">It does not read yet.</param>
    public static async Task<JoinedCall> JoinAsync(Uri calls, string path, bool isSlow = false)
    {
        var joined = new JoinedCall(isSlow);
        await joined._socket.ConnectAsync(new UriBuilder("ws", calls.Host, calls.Port) { Path = path }.Uri, joined._connector, TestContext.Current.CancellationToken);
        if (!isSlow)
            joined.Read();
        return joined;
    }

    /// <summary>The calls that are up, as a gateway lists them.</summary>
    public static async Task<List<JsonElement>> ListAsync(Uri calls)
    {
        using var http = new HttpClient();
        using var list = JsonDocument.Parse(await http.GetStringAsync(calls, TestContext.Current.CancellationToken));
        return [.. list.RootElement.GetProperty("calls").EnumerateArray().Select(call => call.Clone())];
    }

    /// <summary>From now on it reads.</summary>
    public void Read()
    {
        _tcp.ReceiveBufferSize = LargeWindow;
        _reading = ReadAsync();
    }

    public Task EndAsync() => _reading.WaitAsync(Limit, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _connector.Dispose();
        _tcp.Dispose();
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await _socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
            if (received.MessageType == WebSocketMessageType.Close)
                break;
            Assert.True(received.EndOfMessage);
            if (received.MessageType == WebSocketMessageType.Binary)
                _audio.AddRange(buffer.AsSpan(0, received.Count));
            else
                _texts.Enqueue(JsonSerializer.Deserialize<JsonElement>(buffer.AsSpan(0, received.Count)));
        }

        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
    }
}
