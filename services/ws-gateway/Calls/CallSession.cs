using System.Runtime.CompilerServices;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Assembly;
using CallMirror.WsGateway.Connections;
using CallMirror.WsGateway.Protocol;
using CallMirror.WsGateway.Tracing;

namespace CallMirror.WsGateway.Calls;

/// <summary>
/// Follows one call: reads its lane, assembles its two streams, has them delivered, and acknowledges a chunk once the listener has both streams'
/// part of it. Where several gateways follow a call, all but the owner of its lane stand by: they hear nothing, and say nothing.
/// </summary>
internal sealed class CallSession : IAsyncDisposable
{
    // Chunks that are there already share a write; more would only keep the first ones waiting.
    private const int MaxBatch = 16;

    // After a take-over, or the death of one of two captures, the last chunks of a call may be all that comes: nothing behind them would end the wait.
    private static readonly TimeSpan InVainLimit = TimeSpan.FromSeconds(2);

    private readonly string _group;
    private readonly IMediaBus _bus;
    private readonly WsGatewayOptions _options;
    private readonly GatewayParts _parts;
    private readonly CallAssembler _assembler;
    private readonly StreamDelivery[] _deliveries;
    private readonly PushSpans _spans;
    private readonly List<SettledChunk> _settled = [];
    private readonly HandedChunks _handed = new();
    private volatile bool _isOverBySip;
    private bool _waitsForFirst;
    private volatile LaneReader? _reader;
    private long _heardAt;
    private Growth _droppedChunks;
    private Growth _hurried;
    private Growth _gapSamples;

    public CallSession(string group, MediaNegotiated call, IMediaBus bus, ListenerEndpoint listener, WsGatewayOptions options, GatewayParts parts)
    {
        _group = group;
        _bus = bus;
        _options = options;
        _parts = parts;
        Key = CallKey.Of(call);
        var limits = new ChunkLimits(options.LateLimit, options.MaxHeldBytes, parts.Time, Total: parts.Held);
        _assembler = new CallAssembler(Key, limits, options.KeepLimit, options.AwaitLimit);
        _spans = new PushSpans(call, group, bus, listener.Url, parts.Time);
        _deliveries = [.. Enumerable.Range(0, CallAssembler.Roles).Select(role => new StreamDelivery(
            Identity(call, role, _spans.TraceParent(role)), _assembler, listener, options, parts, () => _reader?.Wake()))];
        Rename(call);
    }

    /// <summary>The call.</summary>
    public CallKey Key { get; }

    /// <summary>The SIP Call-ID.</summary>
    public string CallId => Key.CallId;

    /// <summary>Its lane is this gateway's: it has got a chunk of it. Before, it may be standing by.</summary>
    public bool OwnsLane => _assembler.HasBegun;

    /// <summary>How its streams that have begun stand to their listener.</summary>
    public IEnumerable<ConnectionState> Connections =>
        _deliveries.Where(delivery => _assembler[delivery.Identity.Role].Backlog.HasBegun).Select(delivery => delivery.State);

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
        using var reader = _reader = new LaneReader(lane, _parts.Time, stopping);
        bool reported = false;
        _heardAt = _parts.Time.GetTimestamp();
        while (!_assembler.IsOver && !stopping.IsCancellationRequested)
        {
            if (!await TakeAsync(reader, lane))
                break;
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
        {
            await SettleAsync(lane);
            await _bus.DeleteLaneAsync(_group, Key, CancellationToken.None);
        }
        else
            await StopAsync();
    }

    /// <summary>SIP says that the call is over: whoever stands by without having heard anything need not do so for ever.</summary>
    public void OverBySip()
    {
        _isOverBySip = true;
        _reader?.Wake();
    }

    /// <summary>SIP has told what the call is, where it was found by its media: listeners hear of it in mid stream.</summary>
    public void Rename(MediaNegotiated call)
    {
        if (CallName.Of(call) is not { } name)
            return;
        foreach (var delivery in _deliveries)
            delivery.Name = name;
    }

    /// <summary>Logs each stream's figures.</summary>
    public void LogFigures()
    {
        foreach (var stream in Figures)
        {
            _parts.Metrics.StreamEnded(stream.Failure is not null);
            _spans.StreamEnded(stream);
            if (stream.Failure is null)
                _parts.Logger.StreamEnded(stream.Tag, stream.EndReason is { } reason ? EndReasons.Word(reason) : "left", stream.Samples, stream.Frames, stream.Reconnects, stream.Gaps, stream.DuplicateSamples, stream.LostSamples, (double)stream.Samples / stream.SampleRate);
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
            return await _bus.ConsumeLaneAsync(_group, Key, cancellationToken);
        }
        catch (InvalidOperationException e)
        {
            // The call has ended before: its lane is gone with it.
            _parts.Metrics.CallRefused("no-lane");
            _parts.Logger.LaneMissing(CallId, e.Message);
            return null;
        }
    }

    // False where another gateway has, or will have, the call.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> TakeAsync(LaneReader reader, IMediaConsumer lane)
    {
        var limit = Limit(lane);
        var left = limit - _parts.Time.GetElapsedTime(_heardAt);
        var (result, delivery) = await reader.ReadAsync(left, _assembler.OverdueIn);
        switch (result)
        {
            case LaneRead.Chunk when await AddAllAsync(delivery!, reader, lane):
                _heardAt = _parts.Time.GetTimestamp();
                return true;
            case LaneRead.Chunk or LaneRead.Silence when _parts.Time.GetElapsedTime(_heardAt) >= limit:
                return HeardNothing();
            case LaneRead.Chunk or LaneRead.Silence:
                _assembler.Recheck(_settled);
                return true;
            case LaneRead.Gone:
                return LaneWentAway();
            default:
                return true;
        }
    }

    // Nothing of the call has come: it may be ringing, or its audio another gateway's.
    private bool IsEmpty => !_assembler.HasBegun && _assembler.HeldCount == 0;

    private TimeSpan Limit(IMediaConsumer lane)
    {
        if (IsEmpty && _isOverBySip)
        {
            // From when that is known: what was captured may still be on its way.
            if (!_waitsForFirst)
                _heardAt = _parts.Time.GetTimestamp();
            _waitsForFirst = true;
            return _options.EmptyLimit;
        }

        bool waits = _assembler.HeldCount > 0 || _assembler.SeenRolesAreOver;
        if (!waits)
            return _options.IdleLimit;
        bool isInVain = _assembler.MayWaitInVain || (IsFull(lane) && !_assembler.IsJustJoinedAgain);
        return isInVain ? InVainLimit : _options.StallLimit;
    }

    // No more is given out before something is acknowledged, and most of it waits for a chunk that is behind all that.
    private bool IsFull(IMediaConsumer lane) =>
        lane.Prefetch is { } prefetch && _assembler.HeldCount > prefetch / 2 && _assembler.HeldCount + _handed.Count >= prefetch;

    private bool HeardNothing()
    {
        _heardAt = _parts.Time.GetTimestamp();
        if (_assembler.HeldCount > 0)
            _assembler.GiveUpWaiting(_settled);
        else if (_assembler.HasBegun || (_options.EndOnStop && _isOverBySip))
            _assembler.Complete(EndReason.Timeout);
        else
            return !_isOverBySip;
        return true;
    }

    // Whoever ended the call took the lane away; its listener has the end already, unless no other gateway could have.
    private bool LaneWentAway()
    {
        if (!_options.EndOnStop)
            return false;
        _assembler.Complete(EndReason.Stopped);
        return true;
    }

    // False where all of it was another call's.
    private async ValueTask<bool> AddAllAsync(MediaDelivery first, LaneReader reader, IMediaConsumer lane)
    {
        bool isOurs = await AddAsync(first, lane);
        for (int i = 1; i < MaxBatch && reader.TryRead(out var next); i++)
            isOurs |= await AddAsync(next, lane);
        return isOurs;
    }

    private async ValueTask<bool> AddAsync(MediaDelivery delivery, IMediaConsumer lane)
    {
        if (_assembler.TryAdd(delivery, _settled, out var error))
        {
            _spans.Taken(delivery);
            return true;
        }

        if (error == ChunkError.OtherEpoch)
        {
            // The lane of the call that it belongs to has it too.
            _parts.Metrics.ChunksDropped(1, "other-epoch");
            await lane.AcknowledgeAsync(delivery, CancellationToken.None);
            return false;
        }

        _parts.Metrics.ChunksDropped(1, error.ToString());
        _parts.Logger.ChunkRejected(CallId, error);
        await lane.RejectAsync(delivery, error.ToString(), CancellationToken.None);
        return true;
    }

    private async ValueTask PumpAsync(CancellationToken cancellationToken)
    {
        _spans.Pumping();
        // Side by side: a slow listener of one role must not hold the other's audio back.
        var caller = _deliveries[0].PumpAsync(cancellationToken);
        var callee = _deliveries[1].PumpAsync(cancellationToken);
        await caller;
        await callee;
        _spans.Pumped();
    }

    private async ValueTask SettleAsync(IMediaConsumer lane)
    {
        foreach (var chunk in _settled)
        {
            _handed.Add(chunk);
            // The backlogs hold what the listener does not have yet.
            chunk.Delivery.Release();
        }

        _settled.Clear();
        var (caller, callee) = (_deliveries[0].TakeSecured(), _deliveries[1].TakeSecured());
        while (_handed.TryTake(caller, callee, out var delivery))
        {
            _spans.Settled(delivery);
            await lane.AcknowledgeAsync(delivery, CancellationToken.None);
            // It makes room for another.
            _heardAt = _parts.Time.GetTimestamp();
        }

        CountLosses();
    }

    private void CountLosses()
    {
        if (_droppedChunks.Of(_assembler.DroppedChunks) is > 0 and var dropped)
            _parts.Metrics.ChunksDropped(dropped, "seen-before");
        if (_hurried.Of(_assembler.Hurried) is > 0 and var hurried)
            _parts.Metrics.WaitsGivenUp(hurried, "slower-source");
        if (_gapSamples.Of(_assembler[0].GapSamples + _assembler[1].GapSamples) is > 0 and var missing)
            _parts.Metrics.SamplesLost(missing, "never-came");
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
            await _bus.DeleteLaneAsync(_group, Key, limit.Token);
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
            Position = delivery.Handed,
            End = stream.Backlog.Tail,
            StoredPosition = delivery.Stored,
            IsStopped = delivery.IsStopped,
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

    private static StreamIdentity Identity(MediaNegotiated call, int role, string traceParent) => new()
    {
        CallId = call.CallId,
        Role = role,
        From = CallName.Shortened(call.From),
        To = CallName.Shortened(call.To),
        StartedAt = call.StartedAt,
        TraceParent = traceParent,
    };
}
