using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using MassTransit;

namespace CallMirror.AllInOne.Reporting;

/// <summary>What the call events of a run have said, one entry a call; the oldest calls fall out beyond a bound.</summary>
internal sealed class CallLedger
{
    private const int MaxCalls = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<CallKey, CallEntry> _calls = [];
    private readonly Dictionary<string, CallKey> _latest = new(StringComparer.Ordinal);
    private readonly Queue<CallKey> _order = [];

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Calls seen.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _order.Count;
        }
    }

    /// <summary>Completes once everything that was published before has been entered.</summary>
    /// <exception cref="TimeoutException">The bus has not delivered it in time.</exception>
    public async Task CloseAsync(IBus bus, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await bus.Publish(new LedgerClosing(), cancellationToken);
        await _closed.Task.WaitAsync(timeout, TimeProvider.System, cancellationToken);
    }

    /// <summary>The last message has come.</summary>
    public void Closed() => _closed.TrySetResult();

    /// <summary>Takes a call event.</summary>
    public void Add(CallEvent callEvent)
    {
        lock (_lock)
            Entry(callEvent).Apply(callEvent);
    }

    /// <summary>The calls in the order in which they began.</summary>
    public IReadOnlyList<CallEntry> Calls()
    {
        lock (_lock)
            return [.. _order.Select(call => _calls[call])];
    }

    /// <summary>Which call of its Call-ID it is: 1 for the first.</summary>
    public int TakeOf(in CallKey call)
    {
        lock (_lock)
            return _calls.TryGetValue(call, out var entry) ? entry.Take : 1;
    }

    private CallEntry Entry(CallEvent callEvent)
    {
        bool isKnown = _latest.TryGetValue(callEvent.CallId, out var latest);
        // What names no epoch means the latest call of its Call-ID.
        var key = CallKey.Names(callEvent) || !isKnown ? CallKey.Of(callEvent) : latest;
        if (_calls.TryGetValue(key, out var entry))
            return entry;
        if (_order.Count == MaxCalls)
            Forget(_order.Dequeue());
        _order.Enqueue(key);
        int take = isKnown && _calls.TryGetValue(latest, out var before) ? before.Take + 1 : 1;
        _latest[key.CallId] = key;
        return _calls[key] = new CallEntry(key.CallId, take);
    }

    private void Forget(in CallKey oldest)
    {
        _calls.Remove(oldest);
        if (_latest[oldest.CallId] == oldest)
            _latest.Remove(oldest.CallId);
    }
}
