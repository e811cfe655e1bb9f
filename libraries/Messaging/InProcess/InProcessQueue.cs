using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.Media;

namespace CallMirror.Messaging.InProcess;

/// <summary>A bounded queue of one process. It owns the messages in it, and those delivered until they are settled.</summary>
internal sealed class InProcessQueue : IDisposable
{
    private readonly Channel<Waiting> _channel;
    private readonly TimeProvider _time;
    private readonly MediaBusMetrics _metrics;
    private readonly string _name;
    private ulong _delivered;

    public InProcessQueue(string name, int length, WhenFull whenFull, MediaBusMetrics metrics, TimeProvider time)
    {
        (_name, _metrics, _time) = (name, metrics, time);
        var options = new BoundedChannelOptions(length)
        {
            FullMode = whenFull == WhenFull.Wait ? BoundedChannelFullMode.Wait : BoundedChannelFullMode.DropOldest,
            SingleReader = false,
            SingleWriter = false,
        };
        _channel = Channel.CreateBounded<Waiting>(options, dropped => Drop(dropped.Message, "queue-full"));
    }

    /// <summary>Messages in it.</summary>
    public int Count => _channel.Reader.Count;

    /// <summary>How long the oldest has waited; nothing where none waits.</summary>
    public TimeSpan Lag => _channel.Reader.TryPeek(out var oldest) ? _time.GetElapsedTime(oldest.Since) : TimeSpan.Zero;

    /// <summary>Takes the buffer over; gives it back at once where the queue is gone.</summary>
    public async ValueTask WriteAsync(MediaBuffer message, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(message, _time.GetTimestamp());
        try
        {
            if (!_channel.Writer.TryWrite(waiting))
                await _channel.Writer.WriteAsync(waiting, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            Drop(message, "queue-gone");
        }
        catch (OperationCanceledException)
        {
            message.Dispose();
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<MediaDelivery?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_channel.Reader.TryRead(out var next))
                return new MediaDelivery(next.Message, Interlocked.Increment(ref _delivered), Redelivered: false);
            if (!await _channel.Reader.WaitToReadAsync(cancellationToken))
                return null;
        }
    }

    /// <summary>No more messages come; what is left is dropped.</summary>
    public void Dispose()
    {
        _channel.Writer.TryComplete();
        while (_channel.Reader.TryRead(out var left))
            Drop(left.Message, "queue-gone");
    }

    private void Drop(MediaBuffer message, string reason)
    {
        _metrics.Dropped(_name, reason);
        message.Dispose();
    }

    private readonly record struct Waiting(MediaBuffer Message, long Since);
}
