using System.Buffers;
using System.Net.WebSockets;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Connections;

/// <summary>
/// One WebSocket connection to a listener. One caller sends; a loop of its own reads acknowledgements and notices the listener's going.
/// </summary>
internal sealed class ListenerConnection : IAsyncDisposable
{
    // An ack has some 40 bytes, and every connection waits for one: room for the longest text that is read is taken where one comes.
    private const int AckBytes = 256;
    private const int MaxTextBytes = 1024;

    // One of the codes for private use (RFC 6455 §7.4.2).
    private const int NoMoreOfThis = 4000;

    private readonly WebSocket _socket;
    private readonly CoalescingStream _stream;
    private readonly Action _acknowledged;
    private readonly WsGatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly GatewayMetrics _metrics;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _firstAck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // Whoever sends data, or the answer to the listener's close: it reads nothing that comes behind that.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Task _receiving;
    private byte[] _text = ArrayPool<byte>.Shared.Rent(AckBytes);
    private bool _gathering;
    private long _acked = -1;
    private volatile bool _hasSaidStop;

    public ListenerConnection(CoalescingStream stream, Action acknowledged, WsGatewayOptions options, TimeProvider time, GatewayMetrics metrics)
    {
        _stream = stream;
        _acknowledged = acknowledged;
        _options = options;
        _time = time;
        _metrics = metrics;
        _socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
        {
            // A listener that is busy may not answer for long, and reads all the same: who is gone is told by TCP (ListenerSocket), not by a pong that is missing.
            KeepAliveInterval = options.PingInterval,
            KeepAliveTimeout = Timeout.InfiniteTimeSpan,
        });
        _receiving = ReceiveAsync();
    }

    /// <summary>Everything before this position is stored by the listener; -1 where it has not said so on this connection.</summary>
    public long Acked => Interlocked.Read(ref _acked);

    /// <summary>The listener has said so in its answer to the upgrade.</summary>
    public bool SaysThatItAcknowledges { get; init; }

    /// <summary>The listener is gone, or has begun to close.</summary>
    public bool IsBroken => _receiving.IsCompleted || _socket.State != WebSocketState.Open;

    /// <summary>The connection ended without the listener's close frame: it died, or the network cut it off.</summary>
    public bool WasCut => _receiving.IsCompleted && _socket.CloseStatus is null;

    /// <summary>The listener said why it closed.</summary>
    public bool HasCloseReason => _socket.CloseStatus is not null;

    /// <summary>It wants no more of this stream: it has said <c>stop</c>, or closed with 4000.</summary>
    public bool WantsNoMore => _hasSaidStop || (int?)_socket.CloseStatus == NoMoreOfThis;

    /// <summary>It closed as one does that has everything: with 1000, or without a word of why (RFC 6455 §7.4.1).</summary>
    public bool ClosedInGoodOrder => _socket.CloseStatus is WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.Empty;

    /// <summary>It closed with a code that says that it will never take this: of a type or a policy that is not its own (RFC 6455 §7.4.1).</summary>
    public bool IsRefusal =>
        _socket.CloseStatus is WebSocketCloseStatus.InvalidMessageType or WebSocketCloseStatus.InvalidPayloadData or WebSocketCloseStatus.PolicyViolation;

    /// <summary>Why the listener closed, in a few words.</summary>
    public string CloseReason =>
        _socket.CloseStatus is { } status
            ? $"the listener closed the connection ({(int)status} {_socket.CloseStatusDescription})".Replace(" )", ")", StringComparison.Ordinal)
            : "the listener closed the connection";

    /// <summary>What follows is gathered until <see cref="FlushAsync"/>; false where the listener has said goodbye and would not read it.</summary>
    public bool TryGather()
    {
        if (!_turn.Wait(0, CancellationToken.None))
            return false;
        if (IsBroken)
        {
            _turn.Release();
            return false;
        }

        _stream.Cork();
        return _gathering = true;
    }

    /// <summary>Sends a frame of audio as one binary message.</summary>
    // Data frames go straight into the stream's buffer, masked as they are copied; the WebSocket beside it answers pings, sends its own, and closes.
    public ValueTask SendAudioAsync(ReadOnlyMemory<byte> frame) => _stream.WriteFrameAsync(FrameKind.Binary, frame);

    /// <summary>Sends one text message.</summary>
    public ValueTask SendTextAsync(ReadOnlyMemory<byte> utf8) => _stream.WriteFrameAsync(FrameKind.Text, utf8);

    /// <summary>Hands all that was gathered to the socket.</summary>
    // Where this fails the connection is done for, and the turn is nobody's any more.
    public async ValueTask FlushAsync()
    {
        await _stream.UncorkAsync();
        _gathering = false;
        _turn.Release();
    }

    /// <summary>Waits for the first acknowledgement.</summary>
    /// <returns>False where none came in time, or the listener went away without one.</returns>
    public async Task<bool> WaitForAckAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await _firstAck.Task.WaitAsync(limit, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            _metrics.AckMissed();
        }

        return Acked >= 0;
    }

    /// <summary>Does the closing handshake, at most for <see cref="WsGatewayOptions.CloseTimeout"/>.</summary>
    /// <returns>True where the listener has answered it.</returns>
    public Task<bool> CloseAsync(WebSocketCloseStatus status, CancellationToken cancellationToken) => CloseAsync(status, _options.CloseTimeout, cancellationToken);

    /// <summary>Does the closing handshake, at most for a time (RFC 6455 §7.1.1).</summary>
    /// <returns>True where the listener has answered it.</returns>
    public async Task<bool> CloseAsync(WebSocketCloseStatus status, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await _socket.CloseOutputAsync(status, null, cancellationToken);
            await _receiving.WaitAsync(limit, _time, cancellationToken);
            return _socket.CloseStatus is not null;
        }
        catch (Exception e) when (ConnectionFailure.IsExpected(e))
        {
            return false;
        }
    }

    /// <summary>Lets go of the connection, without a closing handshake where none was begun.</summary>
    public async ValueTask DisposeAsync()
    {
        // A listener that closes in good order reads until our answer; a connection that is cut before it may lose what was sent last.
        if (!_gathering && _socket.State == WebSocketState.CloseReceived)
            await AnsweredAsync();
        await _closing.CancelAsync();
        _socket.Abort();
        await _receiving;
        _socket.Dispose();
        await _stream.DisposeAsync();
        _closing.Dispose();
        _turn.Dispose();
    }

    private async Task ReceiveAsync()
    {
        try
        {
            await ReceiveTextsAsync();
        }
        catch (Exception e) when (ConnectionFailure.IsExpected(e))
        {
            // The sender finds the connection broken and says so.
        }

        _firstAck.TrySetResult();
        ArrayPool<byte>.Shared.Return(_text);
    }

    private async Task ReceiveTextsAsync()
    {
        int filled = 0;
        bool tooLong = false;
        while (true)
        {
            var received = await _socket.ReceiveAsync(_text.AsMemory(filled), _closing.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await AnswerCloseAsync();
                return;
            }

            filled += received.Count;
            if (filled == _text.Length && !received.EndOfMessage)
                MakeRoom();
            tooLong |= filled == _text.Length && !received.EndOfMessage;
            if (received.EndOfMessage && !tooLong)
                Take(_text.AsSpan(0, filled), received.MessageType);
            else if (received.EndOfMessage)
                _metrics.ListenerTextIgnored("too-long");
            if (received.EndOfMessage)
                tooLong = false;
            if (received.EndOfMessage || tooLong)
                filled = 0;
        }
    }

    private void MakeRoom()
    {
        if (_text.Length >= MaxTextBytes)
            return;
        byte[] room = ArrayPool<byte>.Shared.Rent(MaxTextBytes);
        _text.CopyTo(room, 0);
        ArrayPool<byte>.Shared.Return(_text);
        _text = room;
    }

    private async Task AnsweredAsync()
    {
        try
        {
            await _receiving.WaitAsync(_options.CloseTimeout, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // It reads nothing any more.
        }
    }

    private async Task AnswerCloseAsync()
    {
        if (_socket.State != WebSocketState.CloseReceived)
            return;
        await _turn.WaitAsync(_closing.Token);
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _closing.Token);
    }

    private void Take(ReadOnlySpan<byte> message, WebSocketMessageType type)
    {
        if (type != WebSocketMessageType.Text)
        {
            _metrics.ListenerTextIgnored("binary");
        }
        else if (ListenerAck.TryParse(message, out long position, out var error))
        {
            Interlocked.Exchange(ref _acked, Math.Max(Acked, position));
            _firstAck.TrySetResult();
            _acknowledged();
        }
        else if (error == ListenerTextError.Stop)
        {
            _hasSaidStop = true;
            _acknowledged();
        }
        else
        {
            _metrics.ListenerTextIgnored(error.ToString());
        }
    }
}
