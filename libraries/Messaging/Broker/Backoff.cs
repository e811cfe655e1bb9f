namespace CallMirror.Messaging.Broker;

/// <summary>How long to wait before the next attempt: twice as long each time, up to a limit, a random half of it.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan limit)
{
    private int _attempts;

    /// <summary>Between half and all of the wait that is due.</summary>
    public TimeSpan Next()
    {
        double due = Math.Min(limit.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(_attempts++, 30)));
        // Half of it random: many services that lost one broker must not come back all at once.
        return TimeSpan.FromMilliseconds(due * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    public void Reset() => _attempts = 0;
}
