using System.Threading.Channels;
using RabbitMQ.Client;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>Sends a channel's acknowledgements in groups: when enough are settled, or a while after the first.</summary>
internal sealed class Acknowledger : IAsyncDisposable
{
    private readonly IChannel _channel;
    private readonly int _groupSize;
    private readonly TimeSpan _within;
    private readonly Lock _lock = new();
    private readonly AckGrouper _grouper = new();
    private readonly List<Ack> _acks = [];
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ITimer _timer;
    private readonly Task _run;

    public Acknowledger(IChannel channel, int groupSize, TimeSpan within, TimeProvider time)
    {
        (_channel, _groupSize, _within) = (channel, groupSize, within);
        _timer = time.CreateTimer(_ => _due.Writer.TryWrite(true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _run = Task.Run(RunAsync);
    }

    public void Delivered(ulong tag)
    {
        lock (_lock)
            _grouper.Delivered(tag);
    }

    public void Settle(ulong tag)
    {
        int count;
        lock (_lock)
            count = _grouper.Settle(tag) ? _grouper.Count : 0;
        if (count >= _groupSize)
            _due.Writer.TryWrite(true);
        else if (count == 1)
            _timer.Change(_within, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sends what is settled, and no more after it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        _due.Writer.TryWrite(true);
        _due.Writer.TryComplete();
        await _run;
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (bool _ in _due.Reader.ReadAllAsync())
                await FlushAsync();
        }
        catch (Exception e) when (Broken.Is(e))
        {
            // The channel is gone, and all its deliveries come again: there is nothing to acknowledge any more.
        }
    }

    private async Task FlushAsync()
    {
        _acks.Clear();
        lock (_lock)
            _grouper.Take(_acks);
        foreach (var ack in _acks)
            await _channel.BasicAckAsync(ack.Tag, ack.Multiple);
    }
}
