using CallMirror.Contracts.Calls;
using MassTransit;

namespace CallMirror.AllInOne.Reporting;

/// <summary>What the call events of a run have said, one entry a call; the oldest calls fall out beyond a bound.</summary>
internal sealed class CallLedger
{
    private const int MaxCalls = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, CallEntry> _calls = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = [];

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
            return [.. _order.Select(callId => _calls[callId])];
    }

    private CallEntry Entry(CallEvent callEvent)
    {
        if (_calls.TryGetValue(callEvent.CallId, out var entry))
            return entry;
        if (_order.Count == MaxCalls)
            _calls.Remove(_order.Dequeue());
        _order.Enqueue(callEvent.CallId);
        return _calls[callEvent.CallId] = new CallEntry(callEvent.CallId);
    }
}
