using System.Diagnostics.CodeAnalysis;
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
    private readonly IMediaConsumer lane;
    private readonly TimeProvider time;
    private readonly CancellationToken stopping;
    private CancellationTokenSource wake;
    private CancellationTokenRegistration stop;
    private ValueTask<MediaDelivery?>? begun;

    public LaneReader(IMediaConsumer lane, TimeProvider time, CancellationToken stopping)
    {
        this.lane = lane;
        this.time = time;
        this.stopping = stopping;
        wake = NewWake();
    }

    /// <summary>Waits for the next chunk, at most <paramref name="limit"/>.</summary>
    public async ValueTask<(LaneRead Result, MediaDelivery? Delivery)> ReadAsync(TimeSpan limit)
    {
        var read = begun ?? lane.ReadAsync(wake.Token);
        begun = null;
        if (!read.IsCompleted)
            wake.CancelAfter(limit);
        try
        {
            var delivery = await read;
            if (!wake.TryReset())
                RenewWake();
            return (delivery is null ? LaneRead.Gone : LaneRead.Chunk, delivery);
        }
        catch (OperationCanceledException)
        {
            if (stopping.IsCancellationRequested)
                return (LaneRead.Stopped, null);
            RenewWake();
            return (LaneRead.Silence, null);
        }
    }

    /// <summary>Takes a chunk that is there already; a read that is not done yet is kept for <see cref="ReadAsync"/>.</summary>
    public bool TryRead([NotNullWhen(true)] out MediaDelivery? delivery)
    {
        delivery = null;
        if (begun is not null)
            return false;
        var read = lane.ReadAsync(wake.Token);
        if (read.IsCompletedSuccessfully)
            delivery = read.GetAwaiter().GetResult();
        if (delivery is null)
            begun = read.IsCompletedSuccessfully ? new ValueTask<MediaDelivery?>(result: null) : read;
        return delivery is not null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stop.Dispose();
        wake.Dispose();
    }

    private void RenewWake()
    {
        Dispose();
        wake = NewWake();
    }

    private CancellationTokenSource NewWake()
    {
        var source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        stop = stopping.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), source);
        return source;
    }
}
