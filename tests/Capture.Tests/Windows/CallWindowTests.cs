using CallMirror.Capture.Windows;

namespace CallMirror.Capture.Tests.Windows;

public sealed class CallWindowTests
{
    private const long TickNs = 10_000_000;

    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongWindow = TimeSpan.FromMilliseconds(300);

    private readonly WindowCycle _cycle = new(Window);

    [Fact]
    public void A_call_has_one_message_a_window_and_ten_calls_have_them_one_after_the_other()
    {
        var ends = Ends(Windows(10, atMs: 10_000), fromMs: 10_000, toMs: 11_000);

        Assert.All(ends.GroupBy(end => end.TimeMs), end => Assert.Single(end));
        Assert.All(ends.GroupBy(end => end.Call), call => Assert.Equal(10, call.Count()));
    }

    [Fact]
    public void Windows_that_have_grown_end_all_along_their_time()
    {
        var windows = Windows(300, atMs: 10_000);
        Ends(windows, fromMs: 10_000, toMs: 10_250);
        // As they grow while confirms lag: a step each tenth of a second.
        for (int step = 1; step <= 5; step++)
        {
            _cycle.SetWindow(Window + ((LongWindow - Window) * step / 5), (10_150 + (step * 100)) * 1_000_000L);
            Ends(windows, fromMs: 10_150 + (step * 100), toMs: 10_250 + (step * 100));
        }

        var ends = Ends(windows, fromMs: 10_750, toMs: 11_650);
        Assert.All(ends.GroupBy(end => end.TimeMs), tick => Assert.Equal(10, tick.Count()));
        Assert.Equal(90, ends.GroupBy(end => end.TimeMs).Count());
        Assert.All(ends.GroupBy(end => end.Call), call => Assert.Equal([300, 300], Lengths(call)));
    }

    [Fact]
    public void While_windows_shrink_no_call_has_more_messages_than_one_a_window()
    {
        _cycle.SetWindow(LongWindow, 10_000_000_000);
        var windows = Windows(300, atMs: 10_000);
        var ends = Ends(windows, fromMs: 10_000, toMs: 10_600);
        for (int step = 1; step <= 50; step++)
        {
            long atMs = 10_500 + (step * 100);
            _cycle.SetWindow(LongWindow - ((LongWindow - Window) * step / 50), atMs * 1_000_000);
            ends.AddRange(Ends(windows, atMs, atMs + 100));
        }

        // The first may be shorter, as a call begins in the middle of a window; a tick is what a length is rounded by.
        Assert.All(ends.GroupBy(end => end.Call), call =>
        {
            var lengths = Lengths(call).ToList();
            Assert.All(lengths, length => Assert.InRange(length, 100, 310));
            Assert.All(lengths.Zip(lengths.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 10, $"{pair}"));
        });
    }

    [Fact]
    public void After_a_long_silence_a_call_is_in_its_place_again()
    {
        var window = new CallWindow(4, At(1_000));
        Assert.False(window.IsOver(At(1_029)));
        Assert.True(window.IsOver(At(1_030)));
        Assert.True(window.IsOver(At(5_010)));
        Assert.True(window.IsOver(At(5_030)));
        Assert.False(window.IsOver(At(5_120)));
    }

    [Fact]
    public void A_clock_that_is_set_back_ends_the_window()
    {
        var window = new CallWindow(1, At(100_000));
        Assert.True(window.IsOver(At(50_000)));
        Assert.False(window.IsOver(At(50_050)));
        Assert.True(window.IsOver(At(50_100)));
    }

    [Fact]
    public void Today_a_window_is_exact_to_the_nanosecond()
    {
        const long Now = 1_795_000_000_000_000_000;
        var window = new CallWindow(1, _cycle.At(Now));
        Assert.False(window.IsOver(_cycle.At(Now + (9 * TickNs))));
        Assert.False(window.IsOver(_cycle.At(Now + (10 * TickNs) - 1)));
        Assert.True(window.IsOver(_cycle.At(Now + (10 * TickNs))));
    }

    private long At(long ms) => _cycle.At(ms * 1_000_000);

    private CallWindow[] Windows(int calls, long atMs) => [.. Enumerable.Range(1, calls).Select(order => new CallWindow(order, At(atMs)))];

    private List<(long TimeMs, int Call)> Ends(CallWindow[] windows, long fromMs, long toMs)
    {
        List<(long, int)> ends = [];
        for (long now = (fromMs * 1_000_000) + TickNs; now <= toMs * 1_000_000; now += TickNs)
            for (int i = 0; i < windows.Length; i++)
                if (windows[i].IsOver(_cycle.At(now)))
                    ends.Add((now / 1_000_000, i));
        return ends;
    }

    private static IEnumerable<long> Lengths(IEnumerable<(long TimeMs, int Call)> ends)
    {
        var times = ends.Select(end => end.TimeMs).Order().ToList();
        return times.Skip(1).Zip(times, (next, last) => next - last);
    }
}
