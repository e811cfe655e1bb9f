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
    // Of a listener that hangs all of them are kept.
    private const int BufferBytes = 2 * 1024;

    // Of 16,000 samples a second, half, ten times a second.
    private const int BytesAtATime = 16_000 / 2 * sizeof(short) / 10;
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private readonly LoopbackServer _server;
    private long _connections;

    public TroubledListener(Trouble trouble, TimeProvider time)
    {
        (Trouble, _time) = (trouble, time);
        _server = new LoopbackServer(ServeAsync, static accept => accept());
    }

    public Trouble Trouble { get; }

    public Uri Url => _server.Url;

    /// <summary>Connections that were made to it so far.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(Socket socket, CancellationToken stopping)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            byte[] buffer = new byte[BufferBytes];
            if (Trouble == Trouble.Refuse)
            {
                await socket.ReceiveAsync(buffer, stopping);
                await socket.SendAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stopping);
                return;
            }

            await ServerHandshake.AnswerAsync(socket, buffer, stopping);
            if (Trouble == Trouble.Hang)
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, stopping);
            while (await socket.ReceiveAsync(buffer.AsMemory(0, BytesAtATime), stopping) > 0)
                await Task.Delay(BetweenReads, _time, stopping);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidDataException)
        {
            // The gateway is gone, or the load is over.
        }
    }
}
