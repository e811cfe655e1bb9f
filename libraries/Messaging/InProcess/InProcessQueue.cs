using System.Threading.Channels;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.Media;

namespace CallMirror.Messaging.InProcess;

/// <summary>A bounded queue of one process. It owns the messages in it, and those delivered until they are settled.</summary>
internal sealed class InProcessQueue : IDisposable
{
    private readonly Channel<MediaBuffer> _channel;
    private readonly MediaBusMetrics _metrics;
    private readonly string _name;
    private ulong _delivered;

    public InProcessQueue(string name, int length, WhenFull whenFull, MediaBusMetrics metrics)
    {
        (_name, _metrics) = (name, metrics);
        var options = new BoundedChannelOptions(length)
        {
            FullMode = whenFull == WhenFull.Wait ? BoundedChannelFullMode.Wait : BoundedChannelFullMode.DropOldest,
            SingleReader = false,
            SingleWriter = false,
        };
        _channel = Channel.CreateBounded<MediaBuffer>(options, dropped => Drop(dropped, "queue-full"));
    }

    /// <summary>Messages in it.</summary>
    public int Count => _channel.Reader.Count;

    /// <summary>Takes the buffer over; gives it back at once where the queue is gone.</summary>
    public async ValueTask WriteAsync(MediaBuffer message, CancellationToken cancellationToken)
    {
        try
        {
            if (!_channel.Writer.TryWrite(message))
                await _channel.Writer.WriteAsync(message, cancellationToken);
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

    public async ValueTask<MediaDelivery?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_channel.Reader.TryRead(out var message))
                return new MediaDelivery(message, Interlocked.Increment(ref _delivered), Redelivered: false);
            if (!await _channel.Reader.WaitToReadAsync(cancellationToken))
                return null;
        }
    }

    /// <summary>No more messages come; what is left is dropped.</summary>
    public void Dispose()
    {
        _channel.Writer.TryComplete();
        while (_channel.Reader.TryRead(out var message))
            Drop(message, "queue-gone");
    }

    private void Drop(MediaBuffer message, string reason)
    {
        _metrics.Dropped(_name, reason);
        message.Dispose();
    }
}
