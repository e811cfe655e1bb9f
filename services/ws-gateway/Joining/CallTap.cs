using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Media;
using CallMirror.WsGateway.Assembly;
using CallMirror.WsGateway.Calls;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Joining;

/// <summary>
/// Listens in on one call for all who have joined it: a tap beside the lanes, assembled as the push assembles its lane, given to each listener's queue.
/// It lives as long as somebody listens.
/// </summary>
internal sealed class CallTap : IDisposable
{
    private const int MaxBatch = 16;

    // How soon it is noticed that SIP has ended the call, and that what is held waits in vain.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan InVainLimit = TimeSpan.FromSeconds(2);

    private readonly ListenOptions _options;
    private readonly JoinParts _parts;
    private readonly Lock _lock = new();
    private readonly CallAssembler _call;
    private readonly TapStreams _streams;
    private readonly List<SettledChunk> _settled = new(MaxBatch);
    private readonly CancellationTokenSource _leaving = new();
    private EndReason? _overBySip;
    private long _heardAt;
    private int _listeners;
    private bool _isOver;
    private volatile CallName? _name;

    public CallTap(KnownCall call, ListenOptions options, JoinParts parts)
    {
        (_options, _parts, Key) = (options, parts, call.Key);
        // Nothing is kept here: each listener has a queue of its own.
        _call = new CallAssembler(Key, new ChunkLimits(options.LateLimit ?? options.StallLimit, options.MaxHeldBytes, parts.Time, IsTap: true), keep: TimeSpan.Zero);
        _streams = new TapStreams(call, _call);
        _name = call.Name;
    }

    public CallKey Key { get; }

    /// <summary>What listeners of a role, or of both, are told of it.</summary>
    public StreamIdentity IdentityOf(int role) => _streams.Identities[role];

    /// <summary>What SIP has told of it, where it was found by its media.</summary>
    public CallName? Name => _name;

    /// <summary>Who listens now.</summary>
    public int Listeners
    {
        get
        {
            lock (_lock)
                return _listeners;
        }
    }

    /// <summary>Adds a listener to a role, or to both; false where the call is over.</summary>
    public bool TryAdd(int role, ListenerQueue listener)
    {
        lock (_lock)
        {
            if (_isOver)
                return false;
            _streams.Add(role, listener);
            _listeners++;
            return true;
        }
    }

    /// <summary>A listener is gone.</summary>
    /// <returns>True where nobody is left.</returns>
    public bool Remove(int role, ListenerQueue listener)
    {
        lock (_lock)
        {
            _streams.Remove(role, listener);
            return --_listeners == 0;
        }
    }

    /// <summary>Stops listening in.</summary>
    public void Leave() => _leaving.Cancel();

    /// <summary>SIP says that the call is over: its audio may still be on its way.</summary>
    public void OverBySip(EndReason reason)
    {
        lock (_lock)
            _overBySip ??= reason;
    }

    /// <summary>SIP has told what the call is.</summary>
    public void Rename(CallName name)
    {
        lock (_lock)
        {
            _name = name;
            _streams.Wake();
        }
    }

    /// <summary>Runs until the call is over, or <paramref name="stopping"/>, or nobody listens.</summary>
    /// <returns>True where the call's streams have ended.</returns>
    public async Task<bool> RunAsync(IMediaBus bus, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_leaving.Token, stopping);
        try
        {
            await using var tap = await bus.TapAsync(Key, either.Token);
            _parts.Metrics.TapOpened();
            try
            {
                await FollowAsync(tap, either.Token);
            }
            finally
            {
                _parts.Metrics.TapClosed();
            }

            return _call.IsOver;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>All listeners must go; nobody can join any more.</summary>
    public void Close(Goodbye goodbye)
    {
        lock (_lock)
        {
            _isOver = true;
            _streams.Leave(goodbye);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _leaving.Dispose();
        _streams.Dispose();
        _call.Dispose();
    }

    private async Task FollowAsync(IMediaConsumer tap, CancellationToken stopping)
    {
        using var reader = new LaneReader(tap, _parts.Time, stopping);
        _heardAt = _parts.Time.GetTimestamp();
        while (!_call.IsOver && await TakeAsync(reader, tap))
            await GiveAsync(tap);
        // What is there already is heard, and the end of a call may be in it.
        while (reader.TryRead(out var last))
            await AddAsync(last, tap);
        _call.GiveUpWaiting(_settled);
        await GiveAsync(tap);
    }

    // False where nothing more will come.
    private async ValueTask<bool> TakeAsync(LaneReader reader, IMediaConsumer tap)
    {
        var (result, delivery) = await reader.ReadAsync(LookInterval, _call.OverdueIn);
        if (result == LaneRead.Chunk)
        {
            bool isOurs = await AddAsync(delivery!, tap);
            for (int i = 1; i < MaxBatch && reader.TryRead(out var next); i++)
                isOurs |= await AddAsync(next, tap);
            if (isOurs)
                _heardAt = _parts.Time.GetTimestamp();
            else
                HeardNothing();
            return true;
        }

        if (result is LaneRead.Gone or LaneRead.Stopped)
            return false;
        _call.Recheck(_settled);
        HeardNothing();
        return true;
    }

    // No other gateway has a tap's chunks: what came before the first was missed by coming late, and what is missing later is lost.
    // False where it is of another call of the same Call-ID.
    private async ValueTask<bool> AddAsync(MediaDelivery delivery, IMediaConsumer tap)
    {
        _streams.Look(delivery);
        if (_call.TryAdd(delivery with { Subscription = 0, Redelivered = true }, _settled, out var error))
            return true;

        if (error == ChunkError.OtherEpoch)
        {
            await tap.AcknowledgeAsync(delivery, CancellationToken.None);
            return false;
        }

        _parts.Metrics.ChunkDropped(error.ToString());
        await tap.RejectAsync(delivery, error.ToString(), CancellationToken.None);
        return true;
    }

    private void HeardNothing()
    {
        var quiet = _parts.Time.GetElapsedTime(_heardAt);
        bool isHeld = _call.HeldCount > 0;
        if (isHeld && quiet >= (_call.MayWaitInVain ? InVainLimit : _options.StallLimit))
            _call.GiveUpWaiting(_settled);
        else if (!isHeld && quiet >= _options.StallLimit && (_call.SeenRolesAreOver || OverReason is not null))
            _call.Complete(OverReason ?? EndReason.Timeout);
        else if (quiet >= _options.IdleLimit)
            _call.Complete(EndReason.Timeout);
    }

    private EndReason? OverReason
    {
        get
        {
            lock (_lock)
                return _overBySip;
        }
    }

    private async ValueTask GiveAsync(IMediaConsumer tap)
    {
        lock (_lock)
        {
            _streams.Give();
            _isOver |= _call.IsOver;
        }

        foreach (var chunk in _settled)
            await tap.AcknowledgeAsync(chunk.Delivery, CancellationToken.None);
        _settled.Clear();
    }
}
