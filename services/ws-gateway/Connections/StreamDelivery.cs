using System.Net.WebSockets;
using CallMirror.Contracts.Naming;
using CallMirror.WsGateway.Assembly;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Connections;

/// <summary>
/// Delivers one stream: takes what its backlog has and hands it to the listener, over as many connections as that takes. One caller at a time.
/// </summary>
internal sealed class StreamDelivery(
    StreamIdentity identity, CallAssembler call, ListenerEndpoint listener, WsGatewayOptions options, GatewayParts parts) : IAsyncDisposable
{
    // A listener that acknowledges but never confirms the end has the audio, as far as can be known.
    private const int MaxUnconfirmedEnds = 5;

    private readonly StreamBacklog backlog = call[identity.Role].Backlog;
    private readonly Outage outage = new(options.GiveUpAfter, parts.Time, parts.Random);
    private ListenerConnection? connection;
    private string tag = identity.Tag;
    private bool started;
    private long highest;
    private int unconfirmedEnds;
    private bool complete;

    /// <summary>The stream.</summary>
    public StreamIdentity Identity => identity;

    /// <summary>Frames handed to the listener's socket, those sent again included.</summary>
    public long Frames { get; private set; }

    /// <summary>Connections that came after the first.</summary>
    public int Reconnects { get; private set; }

    /// <summary>Samples that a listener had lost and were no longer kept.</summary>
    public long LostSamples { get; private set; }

    /// <summary>Why nothing more is delivered, in a sentence for the user; null while it is.</summary>
    public string? Failure { get; private set; }

    /// <summary>
    /// Sends all that can be sent by now and hands it to the socket. Comes back when that is done, when the stream has failed, or when
    /// <paramref name="cancellationToken"/> says so; it does not throw for that.
    /// </summary>
    public async ValueTask PumpAsync(CancellationToken cancellationToken)
    {
        if (Failure is not null)
            backlog.Discard();
        while (Failure is null && !complete && backlog.HasOutput && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (connection is null || connection.IsBroken)
                    connection = await ReconnectAsync(cancellationToken);
                await SendAsync(connection);
                if (backlog.IsDrained)
                    await FinishAsync(connection, cancellationToken);
            }
            catch (Exception e) when (ConnectionFailure.IsExpected(e))
            {
                await RecoverAsync(connection is { HasCloseReason: true } ? connection.CloseReason : ConnectionFailure.Words(e), cancellationToken);
            }
        }
    }

    /// <summary>Leaves the listener without an end: another gateway goes on with the stream.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (connection is { IsBroken: false })
            await connection.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => DropConnectionAsync();

    private async ValueTask SendAsync(ListenerConnection to)
    {
        TakeAck(to);
        long frames = 0;
        to.Gather();
        while (true)
        {
            var output = backlog.Next();
            if (output.Kind == OutputKind.None)
                break;
            if (output.Kind == OutputKind.Frame)
            {
                frames++;
                await to.SendAudioAsync(output.Frame);
            }
            else
            {
                await SendTextAsync(to, output);
            }
        }

        await to.FlushAsync();
        backlog.MarkFlushed();
        highest = Math.Max(highest, backlog.Flushed);
        Frames += frames;
        parts.Metrics.FramesSent(frames);
        outage.Progress(backlog.Acked);
    }

    private async ValueTask SendTextAsync(ListenerConnection to, StreamOutput output)
    {
        if (output.Kind == OutputKind.End)
            await to.SendTextAsync(ListenerTexts.End(identity, tag, backlog.Tail, backlog.Ended.GetValueOrDefault()));
        else if (ListenerTexts.TryEvent(output.Event, out var text))
            await to.SendTextAsync(text);
    }

    private void TakeAck(ListenerConnection from)
    {
        long acked = from.Acked;
        if (acked < 0)
            return;
        listener.Heard();
        backlog.Acknowledge(Math.Min(acked, Math.Max(highest, backlog.Start)));
    }

    private async Task<ListenerConnection> ReconnectAsync(CancellationToken cancellationToken)
    {
        if (connection is not null)
        {
            TakeAck(connection);
            outage.Began(wasConnected: true, backlog.Acked);
            parts.Metrics.ConnectionLost(connected: true);
            parts.Logger.ListenerLost(identity.Tag, connection.CloseReason);
            await DropConnectionAsync();
        }

        var opened = await listener.ConnectAsync(parts.Metrics, cancellationToken);
        connection = opened;
        outage.Connected();
        await StartAsync(opened, cancellationToken);
        return opened;
    }

    private async Task StartAsync(ListenerConnection to, CancellationToken cancellationToken)
    {
        bool takenOver = call.TakenOver && !started;
        bool resumes = started || takenOver;
        long position = backlog.Acked >= 0 ? backlog.Acked : backlog.Flushed;
        tag = resumes ? StreamTag.ForResumed(identity.Tag, position) : identity.Tag;
        await to.SendTextAsync(ListenerTexts.Start(identity, tag, call.SampleRate, position, resumes));
        if (started)
            Reconnects++;
        started = true;
        await listener.LearnAsync(to, cancellationToken);
        if (resumes)
            await GoOnAsync(to, position, takenOver);
        else
            TakeAck(to);
    }

    // The listener may have stored more than this gateway knows of: it says so before any audio, and then only the rest is sent.
    private async Task GoOnAsync(ListenerConnection to, long position, bool takenOver)
    {
        long stored = takenOver ? to.Acked : Math.Min(to.Acked, highest);
        long goOn = Math.Max(position, stored);
        if (stored >= 0)
            backlog.Acknowledge(stored);
        if (goOn != position)
            await to.SendTextAsync(ListenerTexts.Continue(goOn));
        long lost = backlog.Rewind(goOn);
        LostSamples += lost;
        if (lost > 0)
            parts.Metrics.SamplesLost(lost, "no-longer-kept");
        parts.Logger.StreamResumed(identity.Tag, goOn);
    }

    private async Task FinishAsync(ListenerConnection with, CancellationToken cancellationToken)
    {
        bool closed = await with.CloseAsync(WebSocketCloseStatus.NormalClosure, cancellationToken);
        TakeAck(with);
        bool stored = closed || backlog.Acked < 0 || backlog.Acked >= backlog.Tail;
        if (!stored && ++unconfirmedEnds < MaxUnconfirmedEnds)
        {
            backlog.Rewind(Math.Max(backlog.Acked, backlog.Start));
            throw new IOException("the listener went away before it had stored everything");
        }

        complete = true;
        await DropConnectionAsync();
    }

    private async Task RecoverAsync(string reason, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return;
        bool wasConnected = connection is not null;
        if (connection is not null)
            TakeAck(connection);
        await DropConnectionAsync();
        outage.Began(wasConnected, backlog.Acked);
        parts.Metrics.ConnectionLost(wasConnected);
        parts.Logger.ListenerLost(identity.Tag, reason);
        // What was taken and not flushed has to be taken again.
        backlog.Rewind(Math.Max(backlog.Flushed, 0));
        if (outage.IsHopeless)
            Fail(reason);
        else
            await WaitAsync(cancellationToken);
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await outage.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The pump's loop sees it.
        }
    }

    private void Fail(string reason)
    {
        Failure = started
            ? $"the listener at {listener.Url} was lost: {reason}"
            : $"no listener at {listener.Url}: {reason}";
        backlog.Discard();
        parts.Logger.StreamFailed(identity.Tag, Failure);
    }

    private async ValueTask DropConnectionAsync()
    {
        var dropped = connection;
        connection = null;
        if (dropped is not null)
            await dropped.DisposeAsync();
    }
}
