namespace CallMirror.Messaging.RabbitMq;

/// <summary>
/// How much was dropped that the log has not been told of: due at once, and from then on once a minute at the most. Any thread may call.
/// </summary>
internal sealed class DropReport(TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long _messages;
    private long _bytes;
    private long? _toldAt;

    /// <summary>A message was dropped.</summary>
    public void Add(int bytes)
    {
        lock (_lock)
            (_messages, _bytes) = (_messages + 1, _bytes + bytes);
    }

    /// <summary>What is to be told now; false where there is nothing, or it is too soon.</summary>
    public bool TryTake(out (long Messages, long Bytes) dropped)
    {
        dropped = default;
        // Asked with each message; nearly never is there anything.
        if (Volatile.Read(ref _messages) == 0)
            return false;
        lock (_lock)
        {
            if (_toldAt is { } at && time.GetElapsedTime(at) < Period)
                return false;
            _toldAt = time.GetTimestamp();
        }

        dropped = TakeAll();
        return true;
    }

    /// <summary>All that has not been told: nobody will ask again.</summary>
    public (long Messages, long Bytes) TakeAll()
    {
        lock (_lock)
        {
            var all = (_messages, _bytes);
            (_messages, _bytes) = (0, 0);
            return all;
        }
    }
}
