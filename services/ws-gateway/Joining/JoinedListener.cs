using System.Net.WebSockets;
using CallMirror.Contracts.Media;
using CallMirror.WsGateway.Assembly;
using CallMirror.WsGateway.Connections;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Joining;

/// <summary>One WebSocket of a listener that has joined: sends what waits for it, in the protocol of the push, and says goodbye.</summary>
internal sealed class JoinedListener(WebSocket socket, JoinedSeat seat, ListenOptions options, TimeProvider time) : IDisposable
{
    private const int FramesPerSecond = 50;
    private const int ReceiveBytes = 1024;

    // How long one that took nothing has to read why it must go, and one that was told to go to do so.
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _aborting = new();
    private Task _receiving = Task.CompletedTask;
    private CallName? _toldName;
    private long _position;

    /// <summary>Serves it until the stream ends, it goes, it is told to go, or <paramref name="aborted"/>; returns why, in a word.</summary>
    public async Task<string> RunAsync(CancellationToken aborted)
    {
        using var abort = aborted.UnsafeRegister(static aborting => ((CancellationTokenSource)aborting!).Cancel(), _aborting);
        _receiving = ReceiveAsync();
        try
        {
            return await SendAllAsync() is { } goodbye ? await CloseAsync(goodbye) : await AnswerAsync();
        }
        catch (Stalled stalled)
        {
            return await LeaveStalledAsync(stalled.Sending);
        }
        catch (Exception e) when (ConnectionFailure.IsExpected(e))
        {
            return "connection-lost";
        }
        finally
        {
            await _aborting.CancelAsync();
            socket.Abort();
            await _receiving;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _aborting.Dispose();

    // Null where the listener went first.
    private async Task<Goodbye?> SendAllAsync()
    {
        bool hasStarted = false;
        while (!_receiving.IsCompleted)
        {
            if (!hasStarted && seat.Queue.Opening is { } opening)
            {
                (hasStarted, _position) = (true, opening.Position);
                await SendTextAsync(ListenerTexts.Start(seat.Identity, seat.Identity.Tag, opening.SampleRate, opening.Position, resumes: false));
            }

            if (hasStarted && seat.Name is { } name && name != _toldName)
                await SendTextAsync(ListenerTexts.Renamed(seat.Identity, _toldName = name, _position));

            // Asked before the last look: what comes before a goodbye is there already when that is.
            var goodbye = seat.Queue.Goodbye;
            while (hasStarted && !_receiving.IsCompleted && seat.Queue.TryTake(out var piece))
                await SendAsync(piece);
            if (goodbye is not null)
                return goodbye;
            await seat.Queue.WaitAsync(_aborting.Token);
        }

        return null;
    }

    private async ValueTask SendAsync(Piece piece)
    {
        if (piece.Samples > 0)
            _position = piece.End;
        switch (piece.Kind)
        {
            case PieceKind.Frame:
                await SendAsync(piece.Owner!.Memory, WebSocketMessageType.Binary);
                // Where that fails the send may still be reading it: then its memory is nobody's any more.
                piece.Owner.Dispose();
                break;
            case PieceKind.Lost:
                await SendLostAsync(piece);
                break;
            default:
                await SendTextAsync(piece.Text);
                break;
        }
    }

    // As the push has it: a word of the gap, and silence of its length.
    private async ValueTask SendLostAsync(Piece lost)
    {
        var mark = new MediaMark { Kind = MarkKind.Gap, Position = lost.Position, Value = (uint)Math.Min(lost.Samples, uint.MaxValue) };
        if (ListenerTexts.TryEvent(mark, out var text))
            await SendTextAsync(text);
        int frame = seat.Queue.Opening!.SampleRate / FramesPerSecond;
        for (long left = lost.Samples; left > 0 && !_receiving.IsCompleted; left -= frame)
        {
            int bytes = (int)Math.Min(left, frame) * sizeof(short) * seat.Identity.Channels;
            await SendAsync(SilentFrames.Of(bytes), WebSocketMessageType.Binary);
        }
    }

    private ValueTask SendTextAsync(ReadOnlyMemory<byte> utf8) => SendAsync(utf8, WebSocketMessageType.Text);

    private ValueTask SendAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type)
    {
        var sending = socket.SendAsync(message, type, endOfMessage: true, _aborting.Token);
        return sending.IsCompletedSuccessfully ? sending : new ValueTask(WatchAsync(sending.AsTask()));
    }

    // A send that is cancelled ends the connection, so it is left alone: the listener may yet read why it must go.
    private async Task WatchAsync(Task sending)
    {
        try
        {
            await sending.WaitAsync(options.ListenTimeout, time);
        }
        catch (TimeoutException)
        {
            throw new Stalled(sending);
        }
    }

    private async Task<string> LeaveStalledAsync(Task sending)
    {
        seat.Dispose();
        var goodbye = new Goodbye(WebSocketCloseStatus.PolicyViolation, "too-slow", $"nothing was read for {options.ListenTimeout.TotalSeconds:0.#} s");
        try
        {
            await sending.WaitAsync(GoodbyeTimeout, time);
            await CloseAsync(goodbye);
        }
        catch (Exception e) when (ConnectionFailure.IsExpected(e))
        {
            // It still reads nothing, and the connection is cut.
        }

        return goodbye.Word;
    }

    private async Task<string> CloseAsync(Goodbye goodbye)
    {
        try
        {
            await socket.CloseOutputAsync(goodbye.Status, goodbye.Description, _aborting.Token).WaitAsync(GoodbyeTimeout, time);
            await _receiving.WaitAsync(GoodbyeTimeout, time);
        }
        catch (Exception e) when (ConnectionFailure.IsExpected(e))
        {
            // It has gone, or does not answer.
        }

        return goodbye.Word;
    }

    private async Task<string> AnswerAsync()
    {
        if (socket.State != WebSocketState.CloseReceived)
            return "connection-lost";
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _aborting.Token).WaitAsync(GoodbyeTimeout, time);
        return "left";
    }

    // Reads until the listener goes; whatever it says is passed over.
    private async Task ReceiveAsync()
    {
        byte[] ignored = new byte[ReceiveBytes];
        try
        {
            while ((await socket.ReceiveAsync(ignored.AsMemory(), _aborting.Token)).MessageType != WebSocketMessageType.Close)
            {
                // Acknowledgements mean nothing here: nothing is sent twice.
            }
        }
        catch (Exception e) when (ConnectionFailure.IsExpected(e))
        {
            // The connection is gone.
        }

        seat.Queue.Wake();
    }

    private sealed class Stalled(Task sending) : Exception
    {
        public Task Sending => sending;
    }
}
