using System.Threading.Channels;
using CallMirror.Contracts.Media;
using CallMirror.Messaging.Media;

namespace CallMirror.Messaging.InProcess;

/// <summary>A bounded queue of one process. It owns the messages in it, and those delivered until they are settled.</summary>
internal sealed class InProcessQueue : IDisposable
{
    private readonly Channel<MediaBuffer> channel;
    private ulong delivered;

    public InProcessQueue(string name, int length, WhenFull whenFull, MediaBusMetrics metrics)
    {
        var options = new BoundedChannelOptions(length)
        {
            FullMode = whenFull == WhenFull.Wait ? BoundedChannelFullMode.Wait : BoundedChannelFullMode.DropOldest,
            SingleReader = false,
            SingleWriter = false,
        };
        channel = Channel.CreateBounded<MediaBuffer>(options, dropped =>
        {
            metrics.Dropped(name, "queue-full");
            dropped.Dispose();
        });
    }

    /// <summary>Takes the buffer over; gives it back at once where the queue is gone.</summary>
    public async ValueTask WriteAsync(MediaBuffer message, CancellationToken cancellationToken)
    {
        try
        {
            if (!channel.Writer.TryWrite(message))
                await channel.Writer.WriteAsync(message, cancellationToken);
        }
        catch (Exception e) when (e is ChannelClosedException or OperationCanceledException)
        {
            message.Dispose();
            if (e is OperationCanceledException)
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

    /// <summary>No more messages come; what is left is given back.</summary>
    public void Dispose()
    {
        channel.Writer.TryComplete();
        while (channel.Reader.TryRead(out var message))
            message.Dispose();
    }
}
