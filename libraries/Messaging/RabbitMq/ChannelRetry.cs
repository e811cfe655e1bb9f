using CallMirror.Messaging.Broker;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace CallMirror.Messaging.RabbitMq;

/// <summary>Waits before a channel is opened anew, longer each time, and says once why the broker closed the last one. Lost connections report themselves.</summary>
internal sealed partial class ChannelRetry(string purpose, BrokerParts parts)
{
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(3), Random.Shared);
    private string? _lastSaid;

    /// <summary>The channel did what it was opened for.</summary>
    public void Succeeded()
    {
        _backoff.Reset();
        _lastSaid = null;
    }

    public async Task PauseAsync(Exception error, CancellationToken cancellationToken)
    {
        if (error is OperationInterruptedException { ShutdownReason: { Initiator: ShutdownInitiator.Peer } reason } && reason.ReplyText != _lastSaid)
        {
            _lastSaid = reason.ReplyText;
            Log.Refused(parts.Logger, purpose, reason.ReplyText);
        }

        await Task.Delay(_backoff.Next(), parts.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Can't {Purpose}, RabbitMQ says {Reason}; trying on")]
        public static partial void Refused(ILogger logger, string purpose, string reason);
    }
}
