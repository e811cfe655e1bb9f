using CallMirror.Capture.Calls;

namespace CallMirror.Capture.Windows;

/// <summary>
/// The windows of all calls, in the order in which those began. They lie side by side: every tick looks at each of them, and must not touch a call whose window is not over.
/// </summary>
internal sealed class CallWindows(WindowCycle cycle)
{
    private Entry[] _entries = [];
    private int _count;

    /// <summary>A call begins.</summary>
    public void Add(MirroredCall call, long nowNs)
    {
        if (_count == _entries.Length)
            Array.Resize(ref _entries, Math.Max(16, 2 * _count));
        _entries[_count++] = new Entry(call, new CallWindow(call.Order, cycle.At(nowNs)));
    }

    /// <summary>Adds the calls whose window is over to <paramref name="over"/>; their next windows begin.</summary>
    public void TakeOver(long nowNs, List<MirroredCall> over)
    {
        long now = cycle.At(nowNs);
        foreach (ref var entry in _entries.AsSpan(0, _count))
            if (entry.Window.IsOver(now))
                over.Add(entry.Call);
    }

    /// <summary>Some calls have no more windows.</summary>
    public void Remove(ICollection<MirroredCall> calls)
    {
        var gone = calls.ToHashSet();
        int kept = 0;
        for (int i = 0; i < _count; i++)
            if (!gone.Contains(_entries[i].Call))
                _entries[kept++] = _entries[i];
        Array.Clear(_entries, kept, _count - kept);
        _count = kept;
    }

    private struct Entry(MirroredCall call, CallWindow window)
    {
        public readonly MirroredCall Call = call;
        public CallWindow Window = window;
    }
}
