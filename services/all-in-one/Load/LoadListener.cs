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
    // Two windows of frames, and a start.
    private const int BufferBytes = 16 * 1024;

    private readonly WorkInTurns _conversations = new();
    private readonly LoadTally _tally;
    private readonly TimeProvider _time;
    private readonly LoopbackServer _server;

    public LoadListener(LoadTally tally, TimeProvider time)
    {
        (_tally, _time) = (tally, time);
        _server = new LoopbackServer(ServeAsync, _conversations.Run);
    }

    public Uri Url => _server.Url;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(Socket socket, CancellationToken stopping)
    {
        try
        {
            socket.NoDelay = true;
            byte[] buffer = new byte[BufferBytes];
            int filled = await ServerHandshake.AnswerAsync(socket, buffer, stopping);
            await ReadAsync(socket, buffer, filled, stopping);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // The gateway is gone, or was none.
        }
    }

    private async Task ReadAsync(Socket socket, byte[] buffer, int filled, CancellationToken stopping)
    {
        var conversation = new LoadConversation(_tally);
        while (!conversation.IsOver)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(filled), stopping);
            if (read == 0)
                return;
            filled += read;
            int used = conversation.Take(buffer.AsSpan(0, filled), CaptureTime.ToNanoseconds(_time.GetUtcNow()));
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            filled -= used;
            if (conversation.Reply is { Length: > 0 } reply)
                await socket.SendAsync(reply, stopping);
        }
    }
}
