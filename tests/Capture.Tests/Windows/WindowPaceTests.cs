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

    [Fact]
    public void A_call_has_one_message_a_window_and_ten_calls_have_them_one_after_the_other()
    {
        var windows = Enumerable.Range(1, 10).Select(order => new CallWindow(order, 10_000, 100)).ToList();
        var ends = new List<(long Time, int Call)>();
        for (long now = 10_010; now <= 11_000; now += 10)
            for (int i = 0; i < windows.Count; i++)
                if (windows[i].IsOver(now, 100))
                    ends.Add((now, i));

        Assert.All(ends.GroupBy(end => end.Time), end => Assert.Single(end));
        Assert.All(ends.GroupBy(end => end.Call), call => Assert.Equal(10, call.Count()));
    }

    [Fact]
    public void After_a_long_silence_a_call_is_in_its_place_again()
    {
        var window = new CallWindow(4, 1_000, 100);
        Assert.False(window.IsOver(1_029, 100));
        Assert.True(window.IsOver(1_030, 100));
        Assert.True(window.IsOver(5_010, 100));
        Assert.True(window.IsOver(5_030, 100));
        Assert.False(window.IsOver(5_120, 100));
    }

    [Fact]
    public void A_clock_that_is_set_back_ends_the_window()
    {
        var window = new CallWindow(1, 100_000, 100);
        Assert.True(window.IsOver(50_000, 100));
        Assert.False(window.IsOver(50_050, 100));
        Assert.True(window.IsOver(50_100, 100));
    }

    private static void Hear(WindowPace pace, int lagMs, int times)
    {
        for (int i = 0; i < times; i++)
            pace.Heard(TimeSpan.FromMilliseconds(lagMs));
    }
}
