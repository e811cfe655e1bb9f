using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CallMirror.Messaging.Media;

namespace CallMirror.WsGateway.Calls;

/// <summary>How a read of a lane ended.</summary>
internal enum LaneRead
{
    /// <summary>With a chunk.</summary>
    Chunk,

    /// <summary>Nothing came for the time that was given.</summary>
    Silence,

    /// <summary>Somebody has called <see cref="LaneReader.Wake"/>, or there was something to look at that has been seen since.</summary>
    Woken,

    /// <summary>The lane is gone.</summary>
    Gone,

    /// <summary>The gateway stops.</summary>
    Stopped,
}

/// <summary>
/// Reads a lane, waits no longer than it is told to, and can be woken meanwhile. A read that has begun goes on whatever ends the wait: to give it up each time would
/// cost an exception.
/// </summary>
internal sealed class LaneReader : IDisposable
{
    private readonly IMediaConsumer _lane;
    private readonly CancellationToken _stopping;
    // What is full says already that there is something to look at.
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly ITimer _timer;
    private readonly Action _wake;
    private Task<MediaDelivery?>? _begun;
    private bool _isWatched;
    private volatile bool _isTime;

    public LaneReader(IMediaConsumer lane, TimeProvider time, CancellationToken stopping)
    {
        (_lane, _stopping, _wake) = (lane, stopping, Wake);
        _timer = time.CreateTimer(static state => ((LaneReader)state!).TimeIsUp(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Ends the wait that is under way, or the next one. Any thread may call.</summary>
    public void Wake() => _news.Writer.TryWrite(true);

    /// <summary>
    /// Waits for the next chunk, until the sooner of two limits, and for a moment at the least. It may be <see cref="LaneRead.Woken"/> by news that is old, so whoever waits looks
    /// again and then goes on.
    /// </summary>
    /// <param name="limit">How long nothing may come.</param>
    /// <param name="overdueIn">When a chunk that is held waits no longer (<see cref="Assembly.CallAssembler.OverdueIn"/>); null: none does.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(LaneRead Result, MediaDelivery? Delivery)> ReadAsync(TimeSpan limit, TimeSpan? overdueIn)
    {
        var read = Begin();
        if (!read.IsCompleted)
        {
            _isTime = false;
            _timer.Change(TimeSpan.FromTicks(Math.Max(1, Math.Min(limit.Ticks, overdueIn?.Ticks ?? long.MaxValue))), Timeout.InfiniteTimeSpan);
            Watch(read);
            await _news.Reader.ReadAsync(CancellationToken.None);
            if (!read.IsCompleted)
                return (_isTime ? LaneRead.Silence : LaneRead.Woken, null);
        }

        _begun = null;
        if (read.IsCanceled && _stopping.IsCancellationRequested)
            return (LaneRead.Stopped, null);
        var delivery = await read;
        return (delivery is null ? LaneRead.Gone : LaneRead.Chunk, delivery);
    }

    /// <summary>Takes a chunk that is there already.</summary>
    public bool TryRead([NotNullWhen(true)] out MediaDelivery? delivery)
    {
        var read = Begin();
        delivery = read.IsCompletedSuccessfully ? read.GetAwaiter().GetResult() : null;
        // A read that is not done, or that says that the lane is gone, is kept for the next wait.
        if (delivery is not null)
            _begun = null;
        return delivery is not null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        if (_begun is not null)
            _ = ReleaseAsync(_begun);
    }

    private Task<MediaDelivery?> Begin()
    {
        if (_begun is not null)
            return _begun;
        _isWatched = false;
        return _begun = _lane.ReadAsync(_stopping).AsTask();
    }

    // What a read brings that went on to the end is nobody's; unacknowledged, it goes to the next owner of the lane.
    private static async Task ReleaseAsync(Task<MediaDelivery?> read)
    {
        try
        {
            (await read)?.Release();
        }
        catch (OperationCanceledException)
        {
            // The gateway has stopped.
        }
    }

    private void Watch(Task<MediaDelivery?> read)
    {
        if (_isWatched)
            return;
        _isWatched = true;
        read.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_wake);
    }

    private void TimeIsUp()
    {
        _isTime = true;
        Wake();
    }
}
