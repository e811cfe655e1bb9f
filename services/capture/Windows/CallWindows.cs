using System.Runtime.InteropServices;
using CallMirror.Capture.Calls;

namespace CallMirror.Capture.Windows;

/// <summary>
/// The windows of all calls, in the order in which those began. They lie side by side: every tick looks at each of them, and must not touch a call whose window is not over.
/// </summary>
internal sealed class CallWindows(WindowCycle cycle)
{
    private readonly List<Entry> _entries = [];

    /// <summary>A call begins.</summary>
    public void Add(MirroredCall call, long nowNs) => _entries.Add(new Entry(call, new CallWindow(call.Order, cycle.At(nowNs))));

    /// <summary>Adds the calls whose window is over to <paramref name="over"/>; their next windows begin.</summary>
    public void TakeOver(long nowNs, List<MirroredCall> over)
    {
        long now = cycle.At(nowNs);
        foreach (ref var entry in CollectionsMarshal.AsSpan(_entries))
            if (entry.Window.IsOver(now))
                over.Add(entry.Call);
    }

    /// <summary>Some calls have no more windows.</summary>
    public void Remove(IEnumerable<MirroredCall> calls)
    {
        var gone = calls.ToHashSet();
        _entries.RemoveAll(entry => gone.Contains(entry.Call));
    }

    private struct Entry(MirroredCall call, CallWindow window)
    {
        public readonly MirroredCall Call = call;
        public CallWindow Window = window;
    }
}
