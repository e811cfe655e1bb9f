using CallMirror.Capture.Windows;

namespace CallMirror.Capture.Tests.Windows;

public sealed class WindowPaceTests
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(200);

    [Fact]
    public void Windows_grow_while_confirms_lag_and_shrink_once_they_do_not()
    {
        var pace = new WindowPace(Shortest, Longest);
        Hear(pace, lagMs: 300, times: 4);
        Assert.Equal(180, pace.Window.TotalMilliseconds);
        Hear(pace, lagMs: 300, times: 4);
        Assert.Equal(Longest, pace.Window);

        Hear(pace, lagMs: 60, times: 10);
        Assert.Equal(Longest, pace.Window);
        Hear(pace, lagMs: 5, times: 25);
        Assert.Equal(150, pace.Window.TotalMilliseconds);
        Hear(pace, lagMs: 5, times: 100);
        Assert.Equal(Shortest, pace.Window);
    }

    [Fact]
    public void Windows_that_may_not_grow_stay_as_they_are()
    {
        var pace = new WindowPace(Longest, Shortest);
        Hear(pace, lagMs: 1000, times: 10);
        Assert.Equal(Longest, pace.Window);
    }

    private static void Hear(WindowPace pace, int lagMs, int times)
    {
        for (int i = 0; i < times; i++)
            pace.Heard(TimeSpan.FromMilliseconds(lagMs));
    }
}
