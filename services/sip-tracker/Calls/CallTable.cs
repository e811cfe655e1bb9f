using System.Diagnostics.CodeAnalysis;

namespace CallMirror.SipTracker.Calls;

/// <summary>The calls by Call-ID, with their timers, and which of them have changed since the store last looked.</summary>
internal sealed class CallTable(SipTrackerOptions options)
{
    private readonly Dictionary<string, Entry> _calls = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, DateTimeOffset> _timers = new();
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly int[] _byPhase = new int[(int)Enum.GetValues<CallPhase>().Max() + 1];
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _byFoundName = new(StringComparer.Ordinal);

    public int Count => _calls.Count;

    public int ActiveCount { get; private set; }

    /// <summary>Calls in a phase; may be asked from any thread.</summary>
    public int CountOf(CallPhase phase) => Volatile.Read(ref _byPhase[(int)phase]);

    /// <summary>All calls, those just ended included.</summary>
    public IEnumerable<CallState> All => _calls.Values.Select(entry => entry.Call).OfType<CallState>();

    /// <summary>The calls that are known by their media alone.</summary>
    public IEnumerable<CallState> Found => _found.Select(callId => _calls[callId].Call).OfType<CallState>();

    public bool TryGet(string callId, [NotNullWhen(true)] out CallState? call)
    {
        call = _calls.TryGetValue(callId, out var entry) ? entry.Call : null;
        return call is not null;
    }

    /// <summary>The call of SIP whose media was found under a name.</summary>
    public CallState? FoundAs(string name) => _byFoundName.TryGetValue(name, out string? callId) && TryGet(callId, out var call) && call.ToldId == name ? call : null;

    public void Set(CallState call)
    {
        if (!_calls.TryGetValue(call.CallId, out var entry))
            _calls[call.CallId] = entry = new Entry();
        ActiveCount += Active(call) - Active(entry.Call);
        if (entry.Call is { } before)
            _byPhase[(int)before.Phase]--;
        _byPhase[(int)call.Phase]++;
        entry.Call = call;
        _ = call.Phase == CallPhase.Found ? _found.Add(call.CallId) : _found.Remove(call.CallId);
        if (call.FoundAs is { } name)
            _byFoundName[name.CallId] = call.CallId;
        NoteChange(call);
        Schedule(entry, CallTimers.Deadline(call, options));
    }

    public void Remove(CallState call)
    {
        if (_calls.Remove(call.CallId))
            _byPhase[(int)call.Phase]--;
        _found.Remove(call.CallId);
        if (call.FoundAs is { } name)
            _byFoundName.Remove(name.CallId);
        ActiveCount -= Active(call);
        NoteChange(call);
    }

    /// <summary>A call whose timer is due by then, and when it was due.</summary>
    public (CallState Call, DateTimeOffset At)? NextDue(DateTimeOffset now)
    {
        while (_timers.TryPeek(out string? callId, out var at) && at <= now)
        {
            _timers.Dequeue();
            // Only the entry that was made last counts: an earlier deadline was set since.
            if (!_calls.TryGetValue(callId, out var entry) || entry.Queued != at || entry.Call is not { } call)
                continue;
            entry.Queued = DateTimeOffset.MaxValue;
            var deadline = CallTimers.Deadline(call, options);
            if (deadline <= now)
                return (call, deadline);
            Schedule(entry, deadline);
        }

        return null;
    }

    public IReadOnlyList<(string CallId, CallState? State)> TakeChanges()
    {
        (string, CallState?)[] changes = [.. _changed.Select(callId => (callId, _calls.GetValueOrDefault(callId)?.Call))];
        _changed.Clear();
        return changes;
    }

    // Without a store nobody would ever take them.
    private void NoteChange(CallState call)
    {
        if (options.StatePath is not null)
            _changed.Add(call.CallId);
    }

    // A deadline that moves back is looked at when the earlier one comes: most move with every message.
    private void Schedule(Entry entry, DateTimeOffset deadline)
    {
        if (deadline >= entry.Queued || entry.Call is not { } call)
            return;
        entry.Queued = deadline;
        _timers.Enqueue(call.CallId, deadline);
    }

    private static int Active(CallState? call) => call is { IsEnded: false } ? 1 : 0;

    private sealed class Entry
    {
        public CallState? Call { get; set; }

        public DateTimeOffset Queued { get; set; } = DateTimeOffset.MaxValue;
    }
}
