using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using CallMirror.AllInOne.Load;

namespace CallMirror.Benchmarks.WsGateway;

/// <summary>
/// The cheapest WebSocket listener: it answers the handshakes (RFC 6455 §4.2, §5.5.1) and throws away whatever comes, so that what is measured is the gateway.
/// </summary>
internal sealed class DiscardingListener : IDisposable
{
    private const int ReadBytes = 256 * 1024;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private long _bytes;

    public DiscardingListener()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen(4096);
        Accepting = AcceptAsync();
    }

    public Task Accepting { get; }

    public string Url => $"ws://{_socket.LocalEndPoint}/";

    /// <summary>Bytes received, headers and masks included.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public void Dispose()
    {
        _stopping.Cancel();
        _socket.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(ServeAsync(await _socket.AcceptAsync(_stopping.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        using (connection)
        {
            byte[] buffer = new byte[ReadBytes];
            // A client sends nothing before it has its answer.
            await ServerHandshake.AnswerAsync(connection, buffer, _stopping.Token);
            await DiscardAsync(connection, buffer);
        }
    }

    private async Task DiscardAsync(Socket connection, byte[] buffer)
    {
        int kept = 0;
        long skip = 0;
        while (true)
        {
            int read = await connection.ReceiveAsync(buffer.AsMemory(kept), _stopping.Token);
            if (read == 0)
                return;
            Interlocked.Add(ref _bytes, read);
            if (Walk(buffer, kept + read, ref kept, ref skip))
                continue;
            byte[] close = [0x88, 0x02, 0x03, 0xE8];
            await connection.SendAsync(close, _stopping.Token);
            return;
        }
    }

    // Goes from frame to frame; false at the close frame.
    private static bool Walk(byte[] buffer, int filled, ref int kept, ref long skip)
    {
        int at = (int)Math.Min(skip, filled);
        skip -= at;
        while (filled - at >= 14)
        {
            if (buffer[at] == 0x88)
                return false;
            int size = buffer[at + 1] & 0x7F;
            skip = size < 126 ? 6 + size : 8 + BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(at + 2));
            int step = (int)Math.Min(skip, filled - at);
            at += step;
            skip -= step;
        }

        // A close frame is shorter than the longest head.
        if (filled - at > 0 && buffer[at] == 0x88)
            return false;
        kept = filled - at;
        buffer.AsSpan(at, kept).CopyTo(buffer);
        return true;
    }
}
