using CallMirror.Messaging.Broker;
using CallMirror.Messaging.Media;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>Sends what is in its window over one long-lived channel, without waiting for confirms in between, and again over the next where they did not come.</summary>
internal sealed partial class MediaPublisher : IPublishWindowLog, IAsyncDisposable
{
    private readonly BrokerConnection _connection;
    private readonly MediaTopology _topology;
    private readonly ChannelRetry _retry;
    private readonly MediaBusMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly PublishWindow _window;
    private readonly DropReport _drops;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _run;

    public MediaPublisher(BrokerConnection connection, MediaTopology topology, BrokerParts parts, MediaBusMetrics metrics)
    {
        (_connection, _topology, _time, _metrics, _logger) = (connection, topology, parts.Time, metrics, parts.Logger);
        _drops = new DropReport(parts.Time);
        _retry = new ChannelRetry("publish", parts);
        _window = new PublishWindow(parts.Options.WindowMessages, parts.Options.WindowBytes, parts.Options.DropOldest, this);
        metrics.ObserveUnconfirmed(() => _window.Size, parts.Options.WindowBytes);
        _run = Task.Run(RunAsync);
    }

    /// <summary>How long ago the oldest message was sent that the broker has not confirmed.</summary>
    public TimeSpan Lag => _window.OldestSentAt is { } at ? _time.GetElapsedTime(at) : TimeSpan.Zero;

    /// <summary>Takes the message into the window; waits while that is full. Takes it over even where it fails.</summary>
    public async ValueTask AddAsync(Outgoing message, CancellationToken cancellationToken)
    {
        try
        {
            while (!_window.TryAdd(message, out var space))
                await space.WaitAsync(cancellationToken);
            if (_drops.TryTake(out var dropped))
                LogDropped(dropped.Messages, dropped.Bytes);
        }
        catch (OperationCanceledException)
        {
            message.Settle();
            throw;
        }
    }

    /// <summary>Completes when the broker has confirmed all there is.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _window.WhenEmptyAsync().WaitAsync(cancellationToken);

    /// <summary>Stops at once; who wants its messages confirmed flushes before.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _run;
        _window.Abandon();
        if (_drops.TakeAll() is { Messages: > 0 } dropped)
            LogDropped(dropped.Messages, dropped.Bytes);
        _stopping.Dispose();
    }

    void IPublishWindowLog.Confirmed(Outgoing message)
    {
        if (message.IsRehearsal)
            return;
        _metrics.Confirmed(message.Exchange, _time.GetElapsedTime(message.SentAt));
        message.Span?.End();
    }

    void IPublishWindowLog.Republished(Outgoing message)
    {
        if (!message.IsRehearsal)
            _metrics.Republished(message.Exchange);
    }

    void IPublishWindowLog.Dropped(Outgoing message, string reason)
    {
        if (message.IsRehearsal)
            return;
        _metrics.Dropped(message.Exchange, reason, message.Body.Length);
        _drops.Add(message.Body.Length);
        message.Span?.End(reason);
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var link = await _connection.LinkAsync(_stopping.Token);
                using var over = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                await using var channel = await link.OpenConfirmingChannelAsync(over.Token);
                // An exchange that somebody removed is made again, else nothing could be published until the next start.
                await _topology.DeclareAsync(channel, over.Token);
                _retry.Succeeded();
                await SendAsync(channel, over);
            }
            catch (Exception e) when (Broken.Is(e))
            {
                // The next link goes on, or a new channel of this one.
                await _retry.PauseAsync(e, _stopping.Token);
            }
        }
    }

    private async Task SendAsync(IChannel channel, CancellationTokenSource over)
    {
        channel.ChannelShutdownAsync += (_, _) => over.CancelAsync();
        int epoch = _window.Restart();
        channel.BasicAcksAsync += (_, ack) => Answer(() => _window.Confirm(epoch, ack.DeliveryTag, ack.Multiple));
        channel.BasicNacksAsync += (_, nack) => Answer(() => _window.Refuse(epoch, nack.DeliveryTag, nack.Multiple));
        while (channel.IsOpen)
        {
            if (_window.TryTake(epoch, _time.GetTimestamp(), out var message, out var more))
                await channel.BasicPublishAsync(message.Exchange, message.Key, mandatory: false, message.Properties, message.Body, over.Token);
            else
                await more.WaitAsync(over.Token);
        }
    }

    private static Task Answer(Action answer)
    {
        answer();
        return Task.CompletedTask;
    }

    [LoggerMessage(
        LogLevel.Warning,
        "{Messages} media messages of {Bytes} bytes dropped, as RabbitMQ did not take them; listeners hear of each gap")]
    private partial void LogDropped(long messages, long bytes);
}
