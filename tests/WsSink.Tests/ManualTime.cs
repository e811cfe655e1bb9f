namespace CallMirror.WsSink.Tests;

/// <summary>A clock that moves only when told to, with an odd tick frequency so that nobody takes ticks for time.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private TimeSpan elapsed = TimeSpan.FromHours(1);

    public override long TimestampFrequency => 7_000_001;

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) + Elapsed;

    public override long GetTimestamp() => (long)(Elapsed.TotalSeconds * TimestampFrequency);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (gate)
            timers.Add(timer);
        return timer;
    }

    private TimeSpan Elapsed
    {
        get
        {
            lock (gate)
                return elapsed;
        }
    }

    public void Advance(TimeSpan time)
    {
        ManualTimer[] due;
        lock (gate)
        {
            elapsed += time;
            due = [.. timers.Where(timer => timer.DueAt <= elapsed)];
        }
        foreach (var timer in due)
            timer.Fire(Elapsed);
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        private TimeSpan period;

        public TimeSpan DueAt { get; private set; } = TimeSpan.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            this.period = period;
            DueAt = dueTime < TimeSpan.Zero ? TimeSpan.MaxValue : time.Elapsed + dueTime;
            return true;
        }

        public void Fire(TimeSpan now)
        {
            DueAt = period > TimeSpan.Zero ? now + period : TimeSpan.MaxValue;
            fire();
        }

        public void Dispose() => DueAt = TimeSpan.MaxValue;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
