using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway.Rehearsing;

/// <summary>A WebSocket listener on a port of its own of the loopback interface, which acknowledges a stream's beginning and keeps nothing.</summary>
internal sealed class RehearsedListener : IAsyncDisposable
{
    private const int BufferBytes = 16 * 1024;
    private const string KeyHeader = "Sec-WebSocket-Key:";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    public RehearsedListener()
    {
        _listener.Start();
        Url = $"ws://{_listener.LocalEndpoint}/";
        _accepting = AcceptAsync();
    }

    public string Url { get; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                byte[] buffer = new byte[BufferBytes];
                await AnswerAsync(client.GetStream(), buffer);
                using var socket = WebSocket.CreateFromStream(client.GetStream(), new WebSocketCreationOptions { IsServer = true });
                await ListenAsync(socket, buffer);
            }
            catch (Exception e) when (e is OperationCanceledException || ConnectionFailure.IsExpected(e))
            {
                // The gateway is gone.
            }
        }
    }

    // The request of our own gateway, which sends nothing behind it before it has the answer.
    private async Task AnswerAsync(NetworkStream stream, byte[] buffer)
    {
        int filled = 0;
        while (buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) < 0)
            filled += await stream.ReadAtLeastAsync(buffer.AsMemory(filled), 1, cancellationToken: _stopping.Token);
        string key = Encoding.ASCII.GetString(buffer, 0, filled).Split("\r\n")
            .First(line => line.StartsWith(KeyHeader, StringComparison.OrdinalIgnoreCase))[KeyHeader.Length..].Trim();
        string answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Accept: {WebSocketUpgrade.Accept(key)}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), _stopping.Token);
    }

    private async Task ListenAsync(WebSocket socket, byte[] buffer)
    {
        while (await socket.ReceiveAsync(buffer.AsMemory(), _stopping.Token) is { MessageType: not WebSocketMessageType.Close } received)
        {
            if (received.MessageType == WebSocketMessageType.Text)
                await socket.SendAsync("{\"type\":\"ack\",\"position\":0}"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, _stopping.Token);
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _stopping.Token);
    }
}
