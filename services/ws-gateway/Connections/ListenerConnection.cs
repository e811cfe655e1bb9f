using System.Buffers;
using System.Net.WebSockets;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Connections;

/// <summary>
/// One WebSocket connection to a listener. One caller sends; a loop of its own reads acknowledgements and notices the listener's going.
/// </summary>
internal sealed class ListenerConnection : IAsyncDisposable
{
    // An ack has some 40 bytes.
    private const int ReceiveBytes = 1024;

    private readonly WebSocket socket;
    private readonly CoalescingStream stream;
    private readonly WsGatewayOptions options;
    private readonly TimeProvider time;
    private readonly GatewayMetrics metrics;
    private readonly CancellationTokenSource closing = new();
    private readonly TaskCompletionSource firstAck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task receiving;
    private long acked = -1;

    public ListenerConnection(CoalescingStream stream, WsGatewayOptions options, TimeProvider time, GatewayMetrics metrics)
    {
        this.stream = stream;
        this.options = options;
        this.time = time;
        this.metrics = metrics;
        socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
        {
            KeepAliveInterval = options.PingInterval,
            KeepAliveTimeout = options.PingInterval > TimeSpan.Zero ? options.PingTimeout : Timeout.InfiniteTimeSpan,
        });
        receiving = ReceiveAsync();
    }

    /// <summary>Everything before this position is stored by the listener; -1 where it has not said so on this connection.</summary>
    public long Acked => Interlocked.Read(ref acked);

    /// <summary>The listener is gone, or has begun to close.</summary>
    public bool IsBroken => receiving.IsCompleted || socket.State != WebSocketState.Open;

    /// <summary>The listener said why it closed.</summary>
    public bool HasCloseReason => socket.CloseStatus is not null;

    /// <summary>Why the listener closed, in a few words.</summary>
    public string CloseReason =>
        socket.CloseStatus is { } status
            ? $"the listener closed the connection ({(int)status} {socket.CloseStatusDescription})".Replace(" )", ")", StringComparison.Ordinal)
            : "the listener closed the connection";

    /// <summary>What follows is gathered until <see cref="FlushAsync"/>.</summary>
    public void Gather() => stream.Cork();

    /// <summary>Sends a frame of audio as one binary message.</summary>
    // Data frames go straight into the stream's buffer, masked as they are copied; the WebSocket beside it answers pings, sends its own, and closes.
    public ValueTask SendAudioAsync(ReadOnlyMemory<byte> frame) => stream.WriteFrameAsync(FrameKind.Binary, frame);

    /// <summary>Sends one text message.</summary>
    public ValueTask SendTextAsync(ReadOnlyMemory<byte> utf8) => stream.WriteFrameAsync(FrameKind.Text, utf8);

    /// <summary>Hands all that was gathered to the socket.</summary>
    public ValueTask FlushAsync() => stream.UncorkAsync();

    /// <summary>Waits for the first acknowledgement.</summary>
    /// <returns>False where none came in time, or the listener went away without one.</returns>
    public async Task<bool> WaitForAckAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await firstAck.Task.WaitAsync(limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            metrics.AckMissed();
        }

        return Acked >= 0;
    }

    /// <summary>Does the closing handshake, at most for <see cref="WsGatewayOptions.CloseTimeout"/>.</summary>
    /// <returns>True where the listener has answered it.</returns>
    public async Task<bool> CloseAsync(WebSocketCloseStatus status, CancellationToken cancellationToken)
    {
        try
        {
            await socket.CloseOutputAsync(status, null, cancellationToken);
            await receiving.WaitAsync(options.CloseTimeout, time, cancellationToken);
            return socket.CloseStatus is not null;
        }
        catch (Exception e) when (ConnectionFailure.IsExpected(e))
        {
            return false;
        }
    }

    /// <summary>Lets go of the connection, without a closing handshake where none was made.</summary>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        socket.Abort();
        await receiving;
        socket.Dispose();
        await stream.DisposeAsync();
        closing.Dispose();
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReceiveBytes);
        try
        {
            await ReceiveTextsAsync(buffer);
        }
        catch (Exception e) when (ConnectionFailure.IsExpected(e))
        {
            // The sender finds the connection broken and says so.
        }

        firstAck.TrySetResult();
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private async Task ReceiveTextsAsync(byte[] buffer)
    {
        int filled = 0;
        bool tooLong = false;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(filled), closing.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                if (socket.State == WebSocketState.CloseReceived)
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, closing.Token);
                return;
            }

            filled += received.Count;
            tooLong |= filled == buffer.Length && !received.EndOfMessage;
            if (received.EndOfMessage && !tooLong)
                Take(buffer.AsSpan(0, filled), received.MessageType);
            else if (received.EndOfMessage)
                metrics.ListenerTextIgnored("too-long");
            if (received.EndOfMessage)
                tooLong = false;
            if (received.EndOfMessage || tooLong)
                filled = 0;
        }
    }

    private void Take(ReadOnlySpan<byte> message, WebSocketMessageType type)
    {
        if (type != WebSocketMessageType.Text)
        {
            metrics.ListenerTextIgnored("binary");
        }
        else if (ListenerAck.TryParse(message, out long position, out var error))
        {
            Interlocked.Exchange(ref acked, Math.Max(Acked, position));
            firstAck.TrySetResult();
        }
        else
        {
            metrics.ListenerTextIgnored(error.ToString());
        }
    }
}
