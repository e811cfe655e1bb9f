using System.Net.WebSockets;
using CallMirror.WsSink.Calls;
using CallMirror.WsSink.Protocol;
using CallMirror.WsSink.Telemetry;

namespace CallMirror.WsSink.Sessions;

/// <summary>
/// One connection: receives into its buffer, has the audio stored whenever the socket has nothing more waiting or the buffer is full,
/// and sends acks. Closing is one step for every reason: the close frame goes out, and what still comes is thrown away until the other
/// side answers it or <see cref="SinkOptions.CloseTimeout"/> is over.
/// </summary>
internal sealed partial class Session : IDisposable
{
    private readonly WebSocket socket;
    private readonly SinkOptions options;
    private readonly SinkMetrics metrics;
    private readonly ILogger log;
    private readonly SessionClock clock;
    private readonly Conversation conversation;
    private readonly ReceiveBuffer buffer = new();
    private readonly CancellationToken aborted;
    private readonly byte[] ackBytes = new byte[Ack.MaxBytes];
    private Task sending = Task.CompletedTask;
    private Task closing = Task.CompletedTask;
    private long messageBytes;
    private int refusal = -1;

    public Session(WebSocket socket, CallBook book, SinkOptions options, SinkMetrics metrics, TimeProvider time, ILogger log, CancellationToken aborted)
    {
        (this.socket, this.options, this.metrics, this.log) = (socket, options, metrics, log);
        clock = new SessionClock(options, time);
        this.aborted = aborted;
        conversation = new Conversation(book, options, metrics, time, SendLastAckAsync, () => Close(Refusal.Superseded));
    }

    private bool IsClosing => Volatile.Read(ref refusal) >= 0;

    /// <summary>Runs until the connection is gone; never throws for what the other side does.</summary>
    public async Task RunAsync()
    {
        var why = "lost";
        try
        {
            await ReceiveAsync(aborted);
            why = IsClosing ? ((Refusal)refusal).Word() : "closed";
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            why = IsClosing ? ((Refusal)refusal).Word() : "lost";
            Log.Lost(log, conversation.Tag, e.Message);
        }
        finally
        {
            if (conversation.Phase == Phase.Streaming)
                StoreAudio();
            conversation.Leave(why);
            await Task.WhenAll(Quietly(sending), Quietly(closing));
        }
    }

    /// <summary>Looks at the clock: too slow a start, too long a silence, too slow a goodbye.</summary>
    public void Tick()
    {
        switch (clock.Tick(conversation.Phase, IsClosing))
        {
            case SessionClock.Verdict.Abort:
                socket.Abort();
                break;
            case SessionClock.Verdict.Close(var reason):
                Close(reason);
                break;
        }
    }

    /// <summary>Sends the close frame for a reason, once; safe from any thread.</summary>
    public void Close(Refusal reason)
    {
        if (Interlocked.CompareExchange(ref refusal, (int)reason, -1) != -1)
            return;
        if (reason != Refusal.None)
        {
            metrics.Refused(reason);
            Log.Refused(log, conversation.Tag, reason.Word());
        }
        closing = SendCloseAsync(reason);
    }

    public void Dispose() => buffer.Dispose();

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (buffer.IsNearlyFull)
                StoreAudio();
            buffer.MakeRoom();
            var pending = socket.ReceiveAsync(buffer.Room, cancellationToken);
            if (!pending.IsCompleted)
                StoreAudio();
            var received = await pending;
            clock.SomethingCame();
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
        messageBytes += received.Count;
        var reason = messageBytes > options.MaxMessageBytes ? Refusal.MessageTooBig : conversation.AudioComes();
        if (received.EndOfMessage)
            messageBytes = 0;
        if (reason == Refusal.None)
            buffer.AddAudio(received.Count);
        else
            StoreAndClose(reason);
    }

    /// <summary>The text when all of it is there and it makes sense.</summary>
    private TextFrame? TextCame(ValueWebSocketReceiveResult received)
    {
        StoreAudio();
        buffer.AddText(received.Count);
        TextFrame? frame = null;
        var reason = buffer.TextLength > TextFrame.MaxBytes ? Refusal.TextTooBig : Refusal.None;
        if (reason == Refusal.None && !received.EndOfMessage)
            return null;
        if (reason != Refusal.None || !TextFrame.TryParse(buffer.Text, out frame, out reason))
            Close(reason);
        buffer.TextRead();
        return frame;
    }

    private async Task AnswerAsync(TextFrame frame, CancellationToken cancellationToken)
    {
        if (IsClosing)
            return;
        try
        {
            var reason = await conversation.TextComesAsync(frame, buffer.EndsInHalfSample, cancellationToken);
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
        var audio = buffer.Audio;
        if (audio.IsEmpty)
            return;
        try
        {
            var reason = conversation.Store(audio);
            if (reason != Refusal.None)
                Close(reason);
            else if (conversation.AckIsDue(out var stored) && sending.IsCompleted)
                sending = SendAckAsync(stored);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StorageFailed(e);
        }
        buffer.AudioStored();
    }

    private void StorageFailed(Exception e)
    {
        Log.StorageFailed(log, conversation.Tag, e);
        Close(Refusal.StorageFailed);
    }

    private async Task SendLastAckAsync(long position)
    {
        await Quietly(sending);
        sending = SendAckAsync(position);
        await Quietly(sending);
    }

    // Acks that find the last one still on its way are left out; the next one says it all.
    private Task SendAckAsync(long position)
    {
        var length = Ack.Write(position, ackBytes);
        return IsClosing ? Task.CompletedTask
            : socket.SendAsync(ackBytes.AsMemory(0, length), WebSocketMessageType.Text, endOfMessage: true, aborted).AsTask();
    }

    private async Task SendCloseAsync(Refusal reason) => await socket.CloseOutputAsync(reason.Status(), reason.Reason(), aborted);

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
