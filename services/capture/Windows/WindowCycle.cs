namespace CallMirror.Capture.Windows;

/// <summary>
/// Counts windows, in parts of one. Calls' windows end all along the cycle, and when windows grow or shrink the cycle does, so that each call keeps its place in it.
/// By time alone, windows that have grown would all end within the time that one took before, and the rest of the time nothing would come.
/// </summary>
internal sealed class WindowCycle(TimeSpan window)
{
    /// <summary>Parts of a window.</summary>
    public const long Whole = 3_600_000;

    private long _fromNs;
    private long _from;

    /// <summary>How long windows are now.</summary>
    public TimeSpan Window { get; private set; } = window;

    /// <summary>How far the cycle has come at a time, in parts since it began.</summary>
    public long At(long nowNs) => _from + (long)((Int128)(nowNs - _fromNs) * Whole / (long)Window.TotalNanoseconds);

    /// <summary>From a time on windows are as long as this.</summary>
    public void SetWindow(TimeSpan window, long nowNs)
    {
        // Each change rounds.
        if (window != Window)
            (_from, _fromNs, Window) = (At(nowNs), nowNs, window);
    }
}
