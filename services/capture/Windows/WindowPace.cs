namespace CallMirror.Capture.Windows;

/// <summary>
/// How long windows are: short while bus and machine keep up, longer while they lag, as a message costs the same whatever it holds. They grow in half a second
/// and shrink in five. The audio is the same with any.
/// </summary>
internal sealed class WindowPace
{
    private const int GrowthSteps = 5;
    private const int ShrinkingSteps = 50;

    // Of the shortest window: more is lag, less is none.
    private const int Calm = 4;

    /// <summary>How often it is asked.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly TimeSpan _shortest;
    private readonly TimeSpan _room;

    public WindowPace(TimeSpan shortest, TimeSpan longest)
    {
        _shortest = Window = shortest;
        _room = TimeSpan.FromTicks(Math.Max(0, (longest - shortest).Ticks));
    }

    /// <summary>The window now.</summary>
    public TimeSpan Window { get; private set; }

    /// <summary>So old is the oldest message that the bus has not confirmed, or the packet that was read last.</summary>
    public void Heard(TimeSpan lag)
    {
        var window = Window;
        if (lag > _shortest)
            window += _room / GrowthSteps;
        else if (lag < _shortest / Calm)
            window -= _room / ShrinkingSteps;
        Window = TimeSpan.FromTicks(Math.Clamp(window.Ticks, _shortest.Ticks, (_shortest + _room).Ticks));
    }
}
