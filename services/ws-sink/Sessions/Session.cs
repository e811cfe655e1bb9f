using System.Net.WebSockets;
using CallMirror.WsSink.Calls;
using CallMirror.WsSink.Protocol;
using CallMirror.WsSink.Storage;
using CallMirror.WsSink.Telemetry;

namespace CallMirror.WsSink.Sessions;

/// <summary>
/// One connection: receives into its buffer, has the audio stored whenever the socket has nothing more waiting or the buffer is full,
/// and sends acks. Closing is one step for every reason: the close frame goes out, and what still comes is thrown away until the other
/// side answers it or <see cref="SinkOptions.CloseTimeout"/> is over.
/// </summary>
internal sealed partial class Session : IDisposable
{
    private readonly WebSocket _socket;
    private readonly SinkOptions _options;
    private readonly SinkMetrics _metrics;
    private readonly ILogger _log;
    private readonly DiskRoom _disk;
    private readonly SessionClock _clock;
    private readonly Conversation _conversation;
    private readonly ReceiveBuffer _buffer = new();
    private readonly CancellationToken _aborted;
    private readonly byte[] _ackBytes = new byte[Ack.MaxBytes];
    private Task _sending = Task.CompletedTask;
    private Task _closing = Task.CompletedTask;
    private long _messageBytes;
    private int _refusal = -1;

    public Session(
        WebSocket socket, CallBook book, DiskRoom disk, SinkOptions options, SinkMetrics metrics, TimeProvider time, ILogger log, CancellationToken aborted)
    {
        (_socket, _disk, _options, _metrics, _log) = (socket, disk, options, metrics, log);
        _clock = new SessionClock(options, time);
        _aborted = aborted;
        _conversation = new Conversation(book, options, metrics, time, SendLastAckAsync, () => Close(Refusal.Superseded));
    }

    private bool IsClosing => Volatile.Read(ref _refusal) >= 0;

    /// <summary>Runs until the connection is gone; never throws for what the other side does.</summary>
    public async Task RunAsync()
    {
        var why = "lost";
        try
        {
            await ReceiveAsync(_aborted);
            why = IsClosing ? ((Refusal)_refusal).Word() : "closed";
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            why = IsClosing ? ((Refusal)_refusal).Word() : "lost";
            Log.Lost(_log, _conversation.Tag, e.Message);
        }
        finally
        {
            if (_conversation.Phase == Phase.Streaming)
                StoreAudio();
            _conversation.Leave(why);
            await Task.WhenAll(Quietly(_sending), Quietly(_closing));
        }
    }

    /// <summary>Looks at the clock: too slow a start, too long a silence, too slow a goodbye.</summary>
    public void Tick()
    {
        switch (_clock.Tick(_conversation.Phase, IsClosing))
        {
            case SessionClock.Verdict.Abort:
                _socket.Abort();
                break;
            case SessionClock.Verdict.Close(var reason):
                Close(reason);
                break;
        }
    }

    /// <summary>Sends the close frame for a reason, once; safe from any thread.</summary>
    public void Close(Refusal reason)
    {
        if (Interlocked.CompareExchange(ref _refusal, (int)reason, -1) != -1)
            return;
        if (reason != Refusal.None)
        {
            _metrics.Refused(reason);
            // A full disk is said once for all.
            if (reason != Refusal.DiskFull)
                Log.Refused(_log, _conversation.Tag, reason.Word());
        }
        _closing = SendCloseAsync(reason);
    }

    public void Dispose() => _buffer.Dispose();

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_buffer.IsNearlyFull)
                StoreAudio();
            _buffer.MakeRoom();
            var pending = _socket.ReceiveAsync(_buffer.Room, cancellationToken);
            if (!pending.IsCompleted)
                StoreAudio();
            var received = await pending;
            _clock.SomethingCame();
            if (received.MessageType == WebSocketMessageType.Close)
            {
                StoreAudio();
                Close(Refusal.None);
                return;
            }
            if (IsClosing)
                continue;
            if (received.MessageType == WebSocketMessageType.Binary)
                AudioCame(received);
            else if (TextCame(received) is { } frame)
                await AnswerAsync(frame, cancellationToken);
        }
    }

    private void AudioCame(ValueWebSocketReceiveResult received)
    {
        _messageBytes += received.Count;
        var reason = _messageBytes > _options.MaxMessageBytes ? Refusal.MessageTooBig : _conversation.AudioComes();
        if (received.EndOfMessage)
            _messageBytes = 0;
        if (reason != Refusal.None)
        {
            StoreAndClose(reason);
            return;
        }

        _metrics.Received(received.Count);
        _buffer.AddAudio(received.Count);
    }

    /// <summary>The text when all of it is there and it makes sense.</summary>
    private TextFrame? TextCame(ValueWebSocketReceiveResult received)
    {
        StoreAudio();
        _buffer.AddText(received.Count);
        TextFrame? frame = null;
        var reason = _buffer.TextLength > TextFrame.MaxBytes ? Refusal.TextTooBig : Refusal.None;
        if (reason == Refusal.None && !received.EndOfMessage)
            return null;
        if (reason != Refusal.None || !TextFrame.TryParse(_buffer.Text, out frame, out reason))
            Close(reason);
        _buffer.TextRead();
        return frame;
    }

    private async Task AnswerAsync(TextFrame frame, CancellationToken cancellationToken)
    {
        if (IsClosing)
            return;
        try
        {
            var reason = await _conversation.TextComesAsync(frame, _buffer.EndsInHalfSample, cancellationToken);
            if (reason != Refusal.None)
                Close(reason);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StorageFailed(e);
        }
    }

    private void StoreAndClose(Refusal reason)
    {
        StoreAudio();
        Close(reason);
    }

    private void StoreAudio()
    {
        var audio = _buffer.Audio;
        if (audio.IsEmpty)
            return;
        try
        {
            var reason = _conversation.Store(audio);
            _disk.Written();
            if (reason != Refusal.None)
                Close(reason);
            else if (_conversation.AckIsDue(out var stored) && _sending.IsCompleted)
                _sending = SendAckAsync(stored);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StorageFailed(e);
        }
        _buffer.AudioStored();
    }

    private void StorageFailed(Exception e)
    {
        if (DiskRoom.IsWanting(e))
        {
            _disk.Wanting();
            // What was stored before is the sender's to know, to the last sample.
            if (_conversation.Stored is { } stored && _sending.IsCompleted)
                _sending = SendAckAsync(stored);
            Close(Refusal.DiskFull);
            return;
        }

        Log.StorageFailed(_log, _conversation.Tag, e);
        Close(Refusal.StorageFailed);
    }

    private async Task SendLastAckAsync(long position)
    {
        await Quietly(_sending);
        _sending = SendAckAsync(position);
        await Quietly(_sending);
    }

    // Acks that find the last one still on its way are left out; the next one says it all.
    private Task SendAckAsync(long position)
    {
        if (IsClosing)
            return Task.CompletedTask;
        var length = Ack.Write(position, _ackBytes);
        _metrics.AckSent();
        return _socket.SendAsync(_ackBytes.AsMemory(0, length), WebSocketMessageType.Text, endOfMessage: true, _aborted).AsTask();
    }

    private async Task SendCloseAsync(Refusal reason) => await _socket.CloseOutputAsync(reason.Status(), reason.Reason(), _aborted);

    private static async Task Quietly(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The other side is gone; the receiving end finds out and says so.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "The connection of stream {Tag} was lost: {Reason}")]
        public static partial void Lost(ILogger logger, string? tag, string reason);

        [LoggerMessage(LogLevel.Warning, "The connection of stream {Tag} was closed: {Reason}")]
        public static partial void Refused(ILogger logger, string? tag, string reason);

        [LoggerMessage(LogLevel.Error, "Stream {Tag} could not be stored")]
        public static partial void StorageFailed(ILogger logger, string? tag, Exception exception);
    }
}
