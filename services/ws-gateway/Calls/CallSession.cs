using CallMirror.Contracts.Calls;
using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Assembly;
using CallMirror.WsGateway.Connections;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Calls;

/// <summary>
/// Follows one call: reads its lane, assembles its two streams, has them delivered, and acknowledges a chunk once both streams' part of it has
/// been handed to the listener.
/// </summary>
internal sealed class CallSession : IAsyncDisposable
{
    // Chunks that are there already share a write; more would only keep the first ones waiting.
    private const int MaxBatch = 16;

    // A start text has to fit into one frame, whatever an INVITE says.
    private const int MaxUri = 1024;

    private readonly string _group;
    private readonly IMediaBus _bus;
    private readonly WsGatewayOptions _options;
    private readonly GatewayParts _parts;
    private readonly CallAssembler _assembler;
    private readonly StreamDelivery[] _deliveries;
    private readonly List<MediaDelivery> _settled = new(MaxBatch);
    private long _droppedChunks;

    public CallSession(string group, MediaNegotiated call, string traceParent, IMediaBus bus, ListenerEndpoint listener, WsGatewayOptions options, GatewayParts parts)
    {
        _group = group;
        _bus = bus;
        _options = options;
        _parts = parts;
        CallId = call.CallId;
        _assembler = new CallAssembler(call.CallId, new ChunkLimits(options.LateLimit, options.MaxHeldBytes), options.KeepLimit);
        _deliveries = [.. Enumerable.Range(0, CallAssembler.Roles).Select(role => new StreamDelivery(Identity(call, role, traceParent), _assembler, listener, options, parts))];
    }

    /// <summary>The SIP Call-ID.</summary>
    public string CallId { get; }

    /// <summary>The first failure of its streams, in one sentence.</summary>
    public string? Failure => _deliveries[0].Failure ?? _deliveries[1].Failure;

    /// <summary>Figures of the streams that have begun.</summary>
    public IEnumerable<StreamFigures> Figures => _deliveries.Where(delivery => _assembler[delivery.Identity.Role].Backlog.HasBegun).Select(FiguresOf);

    /// <summary>Runs until the call is over, or <paramref name="stopping"/>. <paramref name="failed"/> hears of a stream that was given up, once.</summary>
    public async Task RunAsync(Action<CallSession> failed, CancellationToken stopping)
    {
        await using var lane = await ConsumeLaneAsync(stopping);
        if (lane is null)
            return;
        using var reader = new LaneReader(lane, _parts.Time, stopping);
        bool reported = false;
        while (!_assembler.IsOver && !stopping.IsCancellationRequested)
        {
            await TakeAsync(reader, lane);
            await PumpAsync(stopping);
            if (!reported && Failure is not null)
            {
                reported = true;
                failed(this);
            }

            if (!stopping.IsCancellationRequested)
                await SettleAsync(lane);
        }

        if (_assembler.IsOver && !stopping.IsCancellationRequested)
            await _bus.DeleteLaneAsync(_group, CallId, CancellationToken.None);
        else
            await StopAsync();
    }

    /// <summary>Logs each stream's figures.</summary>
    public void LogFigures()
    {
        foreach (var stream in Figures)
        {
            _parts.Metrics.StreamEnded(stream.Failure is not null);
            if (stream.Failure is null)
                _parts.Logger.StreamEnded(stream.Tag, stream.EndReason is { } reason ? EndReasons.Word(reason) : "left", stream.Samples, stream.Frames, stream.Reconnects, stream.Gaps, stream.DuplicateSamples);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var delivery in _deliveries)
            await delivery.DisposeAsync();
        _assembler.Dispose();
    }

    private async Task<IMediaConsumer?> ConsumeLaneAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _bus.ConsumeLaneAsync(_group, CallId, cancellationToken);
        }
        catch (InvalidOperationException e)
        {
            // The call has ended before: its lane is gone with it.
            _parts.Metrics.CallRefused("no-lane");
            _parts.Logger.LaneMissing(CallId, e.Message);
            return null;
        }
    }

    private async ValueTask TakeAsync(LaneReader reader, IMediaConsumer lane)
    {
        bool waits = _assembler.HeldCount > 0 || _assembler.SeenRolesAreOver;
        var (result, delivery) = await reader.ReadAsync(waits ? _options.StallLimit : _options.IdleLimit);
        switch (result)
        {
            case LaneRead.Chunk:
                await AddAsync(delivery!, lane);
                for (int i = 1; i < MaxBatch && reader.TryRead(out var next); i++)
                    await AddAsync(next, lane);
                break;
            case LaneRead.Silence when _assembler.HeldCount > 0:
                _assembler.GiveUpWaiting(_settled);
                break;
            case LaneRead.Silence:
                _assembler.Complete(EndReason.Timeout);
                break;
            case LaneRead.Gone:
                _assembler.Complete(EndReason.Stopped);
                break;
        }
    }

    private ValueTask AddAsync(MediaDelivery delivery, IMediaConsumer lane)
    {
        if (_assembler.TryAdd(delivery, _settled, out var error))
            return ValueTask.CompletedTask;
        _parts.Metrics.ChunksDropped(1, error.ToString());
        _parts.Logger.ChunkRejected(CallId, error);
        return lane.RejectAsync(delivery, error.ToString(), CancellationToken.None);
    }

    private async ValueTask PumpAsync(CancellationToken cancellationToken)
    {
        // Side by side: a slow listener of one role must not hold the other's audio back.
        var caller = _deliveries[0].PumpAsync(cancellationToken);
        var callee = _deliveries[1].PumpAsync(cancellationToken);
        await caller;
        await callee;
    }

    private async ValueTask SettleAsync(IMediaConsumer lane)
    {
        foreach (var delivery in _settled)
            await lane.AcknowledgeAsync(delivery, CancellationToken.None);
        _settled.Clear();
        long dropped = _assembler.DroppedChunks - _droppedChunks;
        if (dropped > 0)
            _parts.Metrics.ChunksDropped(dropped, "seen-before");
        _droppedChunks += dropped;
    }

    private async Task StopAsync()
    {
        using var limit = new CancellationTokenSource(_options.StopTimeout, _parts.Time);
        if (_options.EndOnStop)
        {
            _assembler.GiveUpWaiting(_settled);
            _assembler.Complete(EndReason.Stopped);
        }

        await PumpAsync(limit.Token);
        foreach (var delivery in _deliveries)
            await delivery.LeaveAsync(limit.Token);
        if (_options.EndOnStop)
            await _bus.DeleteLaneAsync(_group, CallId, limit.Token);
    }

    private StreamFigures FiguresOf(StreamDelivery delivery)
    {
        var identity = delivery.Identity;
        var stream = _assembler[identity.Role];
        return new StreamFigures
        {
            CallId = CallId,
            Role = identity.Role,
            Tag = identity.Tag,
            From = identity.From,
            To = identity.To,
            StartedAt = identity.StartedAt,
            SampleRate = _assembler.SampleRate,
            Start = stream.Backlog.Start,
            Position = stream.Backlog.Flushed,
            Frames = delivery.Frames,
            Gaps = stream.Gaps,
            GapSamples = stream.GapSamples,
            DuplicateSamples = stream.DuplicateSamples,
            Reconnects = delivery.Reconnects,
            LostSamples = delivery.LostSamples,
            AckedPosition = stream.Backlog.Acked >= 0 ? stream.Backlog.Acked : null,
            EndReason = stream.Backlog.Ended,
            Failure = delivery.Failure,
        };
    }

    private static string? Shortened(string? uri) => uri is { Length: > MaxUri } ? uri[..MaxUri] : uri;

    private static StreamIdentity Identity(MediaNegotiated call, int role, string traceParent) => new()
    {
        CallId = call.CallId,
        Role = role,
        From = Shortened(call.From),
        To = Shortened(call.To),
        StartedAt = call.StartedAt,
        TraceParent = traceParent,
    };
}
