using System.Threading.Channels;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.Media;

namespace CallMirror.Messaging.InProcess;

/// <summary>A bounded queue of one process. It owns the messages in it, and those delivered until they are settled.</summary>
internal sealed class InProcessQueue : IDisposable
{
    private readonly Channel<MediaBuffer> channel;
    private readonly MediaBusMetrics metrics;
    private readonly string name;
    private ulong delivered;

    public InProcessQueue(string name, int length, WhenFull whenFull, MediaBusMetrics metrics)
    {
        (this.name, this.metrics) = (name, metrics);
        var options = new BoundedChannelOptions(length)
        {
            FullMode = whenFull == WhenFull.Wait ? BoundedChannelFullMode.Wait : BoundedChannelFullMode.DropOldest,
            SingleReader = false,
            SingleWriter = false,
        };
        channel = Channel.CreateBounded<MediaBuffer>(options, dropped => Drop(dropped, "queue-full"));
    }

    /// <summary>Takes the buffer over; gives it back at once where the queue is gone.</summary>
    public async ValueTask WriteAsync(MediaBuffer message, CancellationToken cancellationToken)
    {
        try
        {
            if (!channel.Writer.TryWrite(message))
                await channel.Writer.WriteAsync(message, cancellationToken);
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
            if (channel.Reader.TryRead(out var message))
                return new MediaDelivery(message, Interlocked.Increment(ref delivered), Redelivered: false);
            if (!await channel.Reader.WaitToReadAsync(cancellationToken))
                return null;
        }
    }

    /// <summary>No more messages come; what is left is dropped.</summary>
    public void Dispose()
    {
        channel.Writer.TryComplete();
        while (channel.Reader.TryRead(out var message))
            Drop(message, "queue-gone");
    }

    private void Drop(MediaBuffer message, string reason)
    {
        metrics.Dropped(name, reason);
        message.Dispose();
    }
}
