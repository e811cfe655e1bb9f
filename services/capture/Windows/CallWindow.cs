using CallMirror.Capture.Engine;

namespace CallMirror.Capture.Windows;

/// <summary>When the window at hand of one call ends: as often as those of all calls, but not together with them.</summary>
internal sealed class CallWindow
{
    private readonly long _phaseNs;
    private long _endNs;

    /// <param name="order">The number of the call.</param>
    /// <param name="nowNs">When its first window begins.</param>
    /// <param name="windowNs">How long that is at the most.</param>
    public CallWindow(long order, long nowNs, long windowNs)
    {
        _phaseNs = (order - 1) % CaptureEngine.TicksInWindow * (windowNs / CaptureEngine.TicksInWindow);
        _endNs = NextEnd(Math.Max(0, nowNs), windowNs);
    }

    /// <summary>Whether it is over; then the next begins.</summary>
    public bool IsOver(long nowNs, long windowNs)
    {
        // An end that lies too far ahead is of a time before the clock was set back.
        if (_endNs > nowNs && _endNs - nowNs <= 2 * windowNs)
            return false;
        bool isNext = nowNs >= _endNs && nowNs - _endNs < windowNs;
        _endNs = isNext ? _endNs + windowNs : NextEnd(nowNs, windowNs);
        return true;
    }

    private long NextEnd(long nowNs, long windowNs) => (((nowNs - _phaseNs) / windowNs) + 1) * windowNs + _phaseNs;
}
