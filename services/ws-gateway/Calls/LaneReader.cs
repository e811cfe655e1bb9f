using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using CallMirror.Messaging.Media;

namespace CallMirror.WsGateway.Calls;

/// <summary>How a read of a lane ended.</summary>
internal enum LaneRead
{
    /// <summary>With a chunk.</summary>
    Chunk,

    /// <summary>Nothing came for the time that was given.</summary>
    Silence,

    /// <summary>The lane is gone.</summary>
    Gone,

    /// <summary>The gateway stops.</summary>
    Stopped,
}

/// <summary>Reads a lane with a time limit that costs nothing while chunks are there already.</summary>
internal sealed class LaneReader : IDisposable
{
    private readonly IMediaConsumer _lane;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private CancellationTokenSource _wake;
    private CancellationTokenRegistration _stop;
    private ValueTask<MediaDelivery?>? _begun;

    public LaneReader(IMediaConsumer lane, TimeProvider time, CancellationToken stopping)
    {
        _lane = lane;
        _time = time;
        _stopping = stopping;
        _wake = NewWake();
    }

    /// <summary>Waits for the next chunk, until the sooner of two limits, and for a moment at the least.</summary>
    /// <param name="limit">How long nothing may come.</param>
    /// <param name="overdueIn">When a chunk that is held waits no longer (<see cref="Assembly.CallAssembler.OverdueIn"/>); null: none does.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(LaneRead Result, MediaDelivery? Delivery)> ReadAsync(TimeSpan limit, TimeSpan? overdueIn)
    {
        var read = _begun ?? _lane.ReadAsync(_wake.Token);
        _begun = null;
        if (!read.IsCompleted)
            _wake.CancelAfter(TimeSpan.FromTicks(Math.Max(1, Math.Min(limit.Ticks, overdueIn?.Ticks ?? long.MaxValue))));
        try
        {
            var delivery = await read;
            if (!_wake.TryReset())
                RenewWake();
            return (delivery is null ? LaneRead.Gone : LaneRead.Chunk, delivery);
        }
        catch (OperationCanceledException)
        {
            if (_stopping.IsCancellationRequested)
                return (LaneRead.Stopped, null);
            RenewWake();
            return (LaneRead.Silence, null);
        }
    }

    /// <summary>Takes a chunk that is there already; a read that is not done yet is kept for <see cref="ReadAsync"/>.</summary>
    public bool TryRead([NotNullWhen(true)] out MediaDelivery? delivery)
    {
        delivery = null;
        if (_begun is not null)
            return false;
        var read = _lane.ReadAsync(_wake.Token);
        if (read.IsCompletedSuccessfully)
            delivery = read.GetAwaiter().GetResult();
        if (delivery is null)
            _begun = read.IsCompletedSuccessfully ? new ValueTask<MediaDelivery?>(result: null) : read;
        return delivery is not null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Dispose();
        _wake.Dispose();
    }

    private void RenewWake()
    {
        Dispose();
        _wake = NewWake();
    }

    private CancellationTokenSource NewWake()
    {
        var source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        _stop = _stopping.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), source);
        return source;
    }
}
