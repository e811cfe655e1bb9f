using System.Net.WebSockets;
using CallMirror.Contracts.Naming;
using CallMirror.WsGateway.Assembly;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Connections;

/// <summary>
/// Delivers one stream: takes what its backlog has and hands it to the listener, over as many connections as that takes. One caller at a time.
/// </summary>
/// <param name="identity">The stream.</param>
/// <param name="call">What it is assembled from.</param>
/// <param name="listener">Where it goes.</param>
/// <param name="options">Limits.</param>
/// <param name="parts">Clock, metrics, log.</param>
/// <param name="acknowledged">Is called when the listener has said that it has more: <see cref="TakeSecured"/> then. Any thread.</param>
internal sealed class StreamDelivery(
    StreamIdentity identity, CallAssembler call, ListenerEndpoint listener, WsGatewayOptions options, GatewayParts parts, Action acknowledged) : IAsyncDisposable
{
    // So often the end is told to a listener that goes away without a close of 1000 or an ack up to it.
    private const int MaxUnconfirmedEnds = 5;

    // So long a listener that has acknowledged everything and went away without a close is tried again, to be told the end. A sink that starts again does it sooner.
    private static readonly TimeSpan EndAgainLimit = TimeSpan.FromMinutes(1);

    // A listener is waited for that takes four seconds for a second of audio.
    private const double SlowestReading = 4;

    private readonly StreamBacklog _backlog = call[identity.Role].Backlog;
    private readonly Outage _outage = new(options.GiveUpAfter, parts.Time, parts.Random);
    private readonly FrameLatency _latency = new(identity.StartedAt, parts);
    private ListenerConnection? _connection;
    private string _tag = identity.Tag;
    private bool _started;
    private long _highest;
    private long _judgedAck;
    private long _ackedAt;
    private int _unconfirmedEnds;
    private bool _complete;
    private volatile CallName? _name;
    private CallName? _toldName;

    /// <summary>The stream.</summary>
    public StreamIdentity Identity => identity;

    /// <summary>How it stands to its listener; others may read it at any time.</summary>
    public ConnectionState State { get; private set; }

    /// <summary>What SIP has told of a call that was found by its media; each connection's listener hears it once. Any thread may set it.</summary>
    public CallName? Name
    {
        set => _name = value;
    }

    /// <summary>Everything before it has been handed to the listener's socket.</summary>
    public long Handed => Failure is null && !IsStopped ? _backlog.Flushed : Math.Max(_highest, _backlog.Start);

    /// <summary>Everything before it is stored: the listener has said so, or has closed with 1000 behind the end. Null where it never said a word.</summary>
    public long? Stored => _complete && !IsStopped ? _backlog.Tail : _backlog.Acked >= 0 ? _backlog.Acked : null;

    /// <summary>Frames handed to the listener's socket, those sent again included.</summary>
    public long Frames { get; private set; }

    /// <summary>Connections that came after the first.</summary>
    public int Reconnects { get; private set; }

    /// <summary>Samples that a listener had lost and were no longer kept.</summary>
    public long LostSamples { get; private set; }

    /// <summary>Why nothing more is delivered, in a sentence for the user; null while it is.</summary>
    public string? Failure { get; private set; }

    /// <summary>The listener has said that it wants no more of it.</summary>
    public bool IsStopped { get; private set; }

    private bool HasAcknowledgedAll => _backlog.Ended is not null && _backlog.Acked >= _backlog.Tail;

    /// <summary>
    /// Sends all that can be sent by now and hands it to the socket. Comes back when that is done, when the stream has failed, or when
    /// <paramref name="cancellationToken"/> says so; it does not throw for that.
    /// </summary>
    public async ValueTask PumpAsync(CancellationToken cancellationToken)
    {
        if (Failure is not null || IsStopped)
            _backlog.Discard();
        while (Failure is null && !_complete && (_backlog.HasOutput || _connection is { WantsNoMore: true }) && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (_connection is { WantsNoMore: true } stopping)
                {
                    await StopAsync(stopping, cancellationToken);
                    break;
                }

                if (_connection is { IsBroken: true } broken && !_backlog.Jumped)
                {
                    await RecoverAsync(broken.CloseReason, broken.IsRefusal, cancellationToken);
                    continue;
                }

                if (_connection is null || _backlog.Jumped)
                    _connection = await ReconnectAsync(cancellationToken);
                if (await TrySendAsync(_connection) && _backlog.IsDrained)
                    await FinishAsync(_connection, cancellationToken);
            }
            catch (Exception e) when (ConnectionFailure.IsExpected(e))
            {
                if (_connection is { WantsNoMore: true })
                    continue;
                bool isRefused = _connection?.IsRefusal ?? e is UpgradeRefusedException { IsLasting: true };
                await RecoverAsync(_connection is { HasCloseReason: true } ? _connection.CloseReason : ConnectionFailure.Words(e), isRefused, cancellationToken);
            }
        }
    }

    /// <summary>Takes the listener's latest acknowledgement: everything before the position that is returned is the listener's.</summary>
    public long TakeSecured()
    {
        if (Failure is not null || _complete)
            return long.MaxValue;
        if (_connection is not null)
            TakeAck(_connection);
        JudgeAcks();
        return _backlog.Secured;
    }

    /// <summary>Leaves the listener without an end: another gateway goes on with the stream.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (_connection is { IsBroken: false })
            await _connection.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => DropConnectionAsync();

    // False where the listener has just said goodbye: then all of it goes to the next connection.
    private async ValueTask<bool> TrySendAsync(ListenerConnection to)
    {
        TakeAck(to);
        JudgeAcks();
        if (!to.TryGather())
            return false;
        long frames = 0;
        if (_name is { } name && name != _toldName)
            await to.SendTextAsync(ListenerTexts.Renamed(identity, _toldName = name, _backlog.Cursor));
        _latency.Begin();
        while (true)
        {
            long position = _backlog.Cursor;
            var output = _backlog.Next();
            if (output.Kind == OutputKind.None)
                break;
            if (output.Kind == OutputKind.Frame)
            {
                frames++;
                // What is sent again counts once.
                if (output.IsHeard && position >= _highest)
                    _latency.Add(position);
                await to.SendAudioAsync(output.Frame);
            }
            else
            {
                await SendTextAsync(to, output);
            }
        }

        await to.FlushAsync();
        _latency.Handed(call.SampleRate);
        _backlog.MarkFlushed();
        _highest = Math.Max(_highest, _backlog.Flushed);
        Frames += frames;
        parts.Metrics.FramesSent(frames);
        _outage.Progress(_backlog.Acked);
        return true;
    }

    private async ValueTask SendTextAsync(ListenerConnection to, StreamOutput output)
    {
        if (output.Kind == OutputKind.End)
            await to.SendTextAsync(ListenerTexts.End(identity, _tag, _backlog.Tail, _backlog.Ended.GetValueOrDefault()));
        else if (ListenerTexts.TryEvent(output.Event, out var text))
            await to.SendTextAsync(text);
    }

    // An ack is awaited for a time since the last one that brought something, or since the first sample that it could tell of was sent.
    private void JudgeAcks()
    {
        long acked = Math.Max(_backlog.Acked, _backlog.Start);
        if (acked > _judgedAck || acked >= _backlog.Flushed)
            (_judgedAck, _ackedAt) = (acked, parts.Time.GetTimestamp());
        bool acknowledges = _backlog.Acked >= 0 || listener.Habit == AckHabit.Acknowledges;
        _backlog.AwaitsAck = acknowledges && parts.Time.GetElapsedTime(_ackedAt) < options.AwaitLimit;
    }

    private void TakeAck(ListenerConnection from)
    {
        long acked = from.Acked;
        if (acked < 0)
            return;
        listener.Heard();
        _backlog.Acknowledge(Math.Min(acked, Math.Max(_highest, _backlog.Start)));
    }

    private async Task<ListenerConnection> ReconnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is not null && _backlog.Jumped)
        {
            await _connection.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, cancellationToken);
            await DropConnectionAsync();
        }

        State = ConnectionState.Connecting;
        var opened = await listener.ConnectAsync(acknowledged, parts.Metrics, cancellationToken);
        _connection = opened;
        _outage.Connected();
        _ackedAt = parts.Time.GetTimestamp();
        await StartAsync(opened, cancellationToken);
        State = ConnectionState.Open;
        return opened;
    }

    private async Task StartAsync(ListenerConnection to, CancellationToken cancellationToken)
    {
        bool jumped = _backlog.Jumped;
        bool takenOver = (call.TakenOver && !_started) || jumped;
        _backlog.GoneOn();
        bool resumes = _started || takenOver;
        _toldName = null;
        long position = _backlog.Acked >= 0 ? _backlog.Acked : _backlog.Flushed;
        _tag = resumes ? StreamTag.ForResumed(identity.Tag, position) : identity.Tag;
        await to.SendTextAsync(ListenerTexts.Start(identity, _tag, call.SampleRate, position, resumes, KeptFrom(position)));
        if (_started)
            Reconnects++;
        _started = true;
        await listener.LearnAsync(to, cancellationToken);
        if (resumes)
            await GoOnAsync(to, position, takenOver, jumped);
        else
            TakeAck(to);
    }

    // The listener may have stored more than this gateway knows of, or less than was handed to its socket: it says so before any audio.
    private async Task GoOnAsync(ListenerConnection to, long position, bool takenOver, bool jumped)
    {
        long stored = takenOver ? to.Acked : Math.Min(to.Acked, _highest);
        long goOn = GoOnAt(stored, position, jumped);
        if (stored >= 0)
            _backlog.Acknowledge(stored);
        if (goOn != position)
            await to.SendTextAsync(ListenerTexts.Continue(goOn));
        long lost = _backlog.Rewind(goOn);
        LostSamples += lost;
        if (lost > 0)
            parts.Metrics.SamplesLost(lost, "no-longer-kept");
        parts.Logger.StreamResumed(identity.Tag, goOn);
    }

    // To who has acknowledged something it is known where to go on. What is no longer kept of the rest comes as silence, and counts as lost.
    private long? KeptFrom(long position) => _started && _backlog.Acked < 0 && _backlog.Start < position ? _backlog.Start : null;

    private long GoOnAt(long stored, long position, bool jumped)
    {
        // No other gateway has sent what was jumped over: it is lost.
        if (jumped && stored <= _backlog.JumpedFrom)
            return stored >= 0 ? stored : _backlog.JumpedFrom;
        if (_backlog.Acked >= 0 || jumped)
            return Math.Max(position, stored);
        // It has never said a word of this stream before, so all that was sent may have gone nowhere. One that tells other streams what it has is only late with it.
        if (stored >= 0)
            return Math.Max(_backlog.Start, stored);
        return listener.Habit == AckHabit.Acknowledges ? _backlog.Head : position;
    }

    private async Task FinishAsync(ListenerConnection with, CancellationToken cancellationToken)
    {
        long unconfirmed = _backlog.Tail - Math.Max(_backlog.Acked, _backlog.Start);
        bool closed = await with.CloseAsync(WebSocketCloseStatus.NormalClosure, ReadingTime(unconfirmed), cancellationToken);
        TakeAck(with);
        // Who has stored everything and is cut off in the middle of the goodbye may have died before it took the end.
        bool mayLackTheEnd = with.WasCut && _unconfirmedEnds + 1 < MaxUnconfirmedEnds;
        if (with.WantsNoMore || (closed && with.ClosedInGoodOrder) || (HasAcknowledgedAll && !mayLackTheEnd))
        {
            _complete = true;
            await DropConnectionAsync();
            return;
        }

        string reason = with.HasCloseReason ? with.CloseReason : "the listener went away before it said that it had everything";
        if (++_unconfirmedEnds >= MaxUnconfirmedEnds)
        {
            await DropConnectionAsync();
            Fail(reason);
            return;
        }

        _backlog.Rewind(_backlog.Acked >= 0 ? Math.Max(_backlog.Acked, _backlog.Start) : _backlog.Flushed);
        throw new IOException(reason);
    }

    // What has left may lie unread in the listener's socket for as long as that reads slower than people talk: megabytes of it, of which nothing is heard here.
    private TimeSpan ReadingTime(long samples) => options.CloseTimeout + TimeSpan.FromSeconds(SlowestReading * samples / (double)call.SampleRate);

    private async Task StopAsync(ListenerConnection with, CancellationToken cancellationToken)
    {
        (IsStopped, _complete) = (true, true);
        parts.Logger.StreamStopped(identity.Tag);
        await with.CloseAsync(WebSocketCloseStatus.NormalClosure, cancellationToken);
        await DropConnectionAsync();
    }

    private async Task RecoverAsync(string reason, bool isRefused, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return;
        bool wasConnected = _connection is not null;
        if (_connection is not null)
            TakeAck(_connection);
        await DropConnectionAsync();
        _outage.Began(wasConnected, _backlog.Acked);
        parts.Metrics.ConnectionLost(wasConnected);
        listener.Outages.Lost(parts.Logger, identity.Tag, reason);
        // What was taken and not flushed has to be taken again.
        _backlog.Rewind(Math.Max(_backlog.Flushed, 0));
        bool isHopeless = _outage.IsHopeless;
        if (HasAcknowledgedAll && (isHopeless || _outage.HasLasted(EndAgainLimit)))
            _complete = true;
        else if (isHopeless)
            Fail(reason);
        else
            await WaitAsync(isRefused, cancellationToken);
    }

    private async Task WaitAsync(bool isRefused, CancellationToken cancellationToken)
    {
        State = ConnectionState.Waiting;
        try
        {
            await _outage.WaitAsync(isRefused, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The pump's loop sees it.
        }
    }

    private void Fail(string reason)
    {
        Failure = _started
            ? $"the listener at {listener.Url} was lost: {reason}"
            : $"no listener at {listener.Url}: {reason}";
        _backlog.Discard();
        parts.Logger.StreamFailed(identity.Tag, Failure);
    }

    private async ValueTask DropConnectionAsync()
    {
        var dropped = _connection;
        _connection = null;
        State = ConnectionState.None;
        if (dropped is not null)
            await dropped.DisposeAsync();
    }
}
