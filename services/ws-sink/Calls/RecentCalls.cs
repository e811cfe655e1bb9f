namespace CallMirror.WsSink.Calls;

/// <summary>The calls that ended last, in short, for the page; the oldest is forgotten when there are too many, its files stay.</summary>
internal sealed class RecentCalls(int capacity)
{
    /// <summary>Events kept of a call.</summary>
    public const int MaxEvents = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Number, CallRecord Call)> _calls = new(StringComparer.Ordinal);
    private readonly Queue<(string Name, long Number)> _order = new();

    /// <summary>Adds a call at its place in the order; those of an earlier process have a number below zero.</summary>
    public void Add(long number, CallRecord call)
    {
        lock (_gate)
        {
            _calls[call.Name] = (number, call with { Events = [.. call.Events.TakeLast(MaxEvents)] });
            _order.Enqueue((call.Name, number));
            while (_order.Count > capacity)
                Forget(_order.Dequeue());
        }
    }

    public void Remove(string name)
    {
        lock (_gate)
            _calls.Remove(name);
    }

    public CallRecord? Find(string name)
    {
        lock (_gate)
            return _calls.TryGetValue(name, out var found) ? found.Call : null;
    }

    public (long Number, CallRecord Call)[] ToArray()
    {
        lock (_gate)
            return [.. _calls.Values];
    }

    // A call that was taken up again and ended again stands in the order twice; the later place counts.
    private void Forget((string Name, long Number) oldest)
    {
        if (_calls.TryGetValue(oldest.Name, out var found) && found.Number == oldest.Number)
            _calls.Remove(oldest.Name);
    }
}
