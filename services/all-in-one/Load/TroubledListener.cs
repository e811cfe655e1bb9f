using System.Net;
using System.Net.Sockets;

namespace CallMirror.AllInOne.Load;

/// <summary>What is wrong with a listener.</summary>
internal enum Trouble
{
    /// <summary>It answers every upgrade with 503.</summary>
    Refuse,

    /// <summary>It takes every upgrade, and then reads nothing.</summary>
    Hang,

    /// <summary>It reads half as fast as people talk.</summary>
    Slow,
}

/// <summary>A listener that is not as it should be, on a port of its own of the loopback interface. It counts who connects.</summary>
internal sealed class TroubledListener : IAsyncDisposable
{
    private const int Backlog = 4096;

    // Of a listener that hangs all of them are kept.
    private const int BufferBytes = 2 * 1024;

    // Of 16,000 samples a second, half, ten times a second.
    private const int BytesAtATime = 16_000 / 2 * sizeof(short) / 10;
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly Task _accepting;
    private long _connections;

    public TroubledListener(Trouble trouble, TimeProvider time)
    {
        (Trouble, _time) = (trouble, time);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen(Backlog);
        _accepting = AcceptAsync();
    }

    public Trouble Trouble { get; }

    public Uri Url => new($"ws://{_socket.LocalEndPoint}/");

    /// <summary>Connections that were made to it so far.</summary>
    public long Connections => Interlocked.Read(ref _connections);

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
                Interlocked.Increment(ref _connections);
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
                byte[] buffer = new byte[BufferBytes];
                if (Trouble == Trouble.Refuse)
                {
                    await socket.ReceiveAsync(buffer, _stopping.Token);
                    await socket.SendAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stopping.Token);
                    return;
                }

                await ServerHandshake.AnswerAsync(socket, buffer, _stopping.Token);
                if (Trouble == Trouble.Hang)
                    await Task.Delay(Timeout.InfiniteTimeSpan, _time, _stopping.Token);
                while (await socket.ReceiveAsync(buffer.AsMemory(0, BytesAtATime), _stopping.Token) > 0)
                    await Task.Delay(BetweenReads, _time, _stopping.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidDataException)
            {
                // The gateway is gone, or the load is over.
            }
        }
    }
}
