namespace CallMirror.WsGateway.Connections;

/// <summary>Says that a listener is away once a minute at most, with how often that was found since, however many streams find it so.</summary>
internal sealed class OutageLog(TimeProvider time)
{
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _saidAt;
    private long _unsaid;

    /// <summary>A stream has lost the listener, or does not get it.</summary>
    public void Lost(ILogger logger, string tag, string reason)
    {
        long before;
        lock (_lock)
        {
            if (_saidAt is { } at && time.GetElapsedTime(at) < Between)
            {
                _unsaid++;
                return;
            }

            (_saidAt, before, _unsaid) = (time.GetTimestamp(), _unsaid, 0);
        }

        if (before == 0)
            logger.ListenerLost(tag, reason);
        else
            logger.ListenerLostAgain(tag, reason, before);
    }
}
