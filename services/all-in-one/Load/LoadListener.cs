using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CallMirror.Contracts;
using CallMirror.Messaging;

namespace CallMirror.AllInOne.Load;

/// <summary>
/// A WebSocket listener that measures and stores nothing, on a port of its own of the loopback interface. It does as little as it can beside the
/// comparison, so that what is measured is the pipeline.
/// </summary>
internal sealed class LoadListener : IAsyncDisposable
{
    private const int Backlog = 4096;

    // Two windows of frames, and a start.
    private const int BufferBytes = 16 * 1024;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly WorkInTurns _conversations = new();
    private readonly LoadTally _tally;
    private readonly TimeProvider _time;
    private readonly Task _accepting;

    public LoadListener(LoadTally tally, TimeProvider time)
    {
        (_tally, _time) = (tally, time);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen(Backlog);
        _accepting = _conversations.Run(AcceptAsync);
    }

    public Uri Url => new($"ws://{_socket.LocalEndPoint}/");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _socket.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _socket.AcceptAsync(_stopping.Token)));
                connections.RemoveAll(connection => connection.IsCompletedSuccessfully);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                socket.NoDelay = true;
                byte[] buffer = new byte[BufferBytes];
                int filled = await ServerHandshake.AnswerAsync(socket, buffer, _stopping.Token);
                await ReadAsync(socket, buffer, filled);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                // The gateway is gone, or was none.
            }
        }
    }

    private async Task ReadAsync(Socket socket, byte[] buffer, int filled)
    {
        var conversation = new LoadConversation(_tally);
        while (!conversation.IsOver)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(filled), _stopping.Token);
            if (read == 0)
                return;
            filled += read;
            int used = conversation.Take(buffer.AsSpan(0, filled), CaptureTime.ToNanoseconds(_time.GetUtcNow()));
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            filled -= used;
            if (conversation.Reply is { Length: > 0 } reply)
                await socket.SendAsync(reply, _stopping.Token);
        }
    }
}
