using CallMirror.Capture.Engine;

namespace CallMirror.Capture.Windows;

/// <summary>When the window at hand of one call ends: as often as those of all calls, but not together with them. All times are those of the
/// <see cref="WindowCycle"/>. Not to be copied: it moves on.</summary>
internal struct CallWindow
{
    // Of the ticks in the longest window each has the same part of all calls.
    private const int PlacesInTick = 3;
    private const long PlaceLength = WindowCycle.Whole / (CaptureEngine.TicksInWindow * PlacesInTick);

    private readonly long _place;
    private long _end;

    /// <param name="order">The number of the call.</param>
    /// <param name="now">When its first window begins.</param>
    public CallWindow(long order, long now)
    {
        long others = order - 1;
        _place = ((others % CaptureEngine.TicksInWindow * PlacesInTick) + (others / CaptureEngine.TicksInWindow % PlacesInTick)) * PlaceLength;
        _end = NextEnd(Math.Max(0, now));
    }

    /// <summary>Whether it is over; then the next begins.</summary>
    public bool IsOver(long now)
    {
        // An end that lies too far ahead is of a time before the clock was set back.
        if (_end > now && _end - now <= 2 * WindowCycle.Whole)
            return false;
        _end = NextEnd(now);
        return true;
    }

    private readonly long NextEnd(long now) => (((now - _place) / WindowCycle.Whole) + 1) * WindowCycle.Whole + _place;
}
