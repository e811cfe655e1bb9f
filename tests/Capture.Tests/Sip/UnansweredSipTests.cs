using CallMirror.Capture.Sip;

namespace CallMirror.Capture.Tests.Sip;

public sealed class UnansweredSipTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void What_has_been_answered_is_not_kept_though_nobody_asks()
    {
        var unanswered = new UnansweredSip();
        for (int i = 1; i <= 1000; i++)
        {
            unanswered.Add($"options-{i}", i, i);
            unanswered.Answered($"options-{i}", i);
        }

        Assert.Equal(1, unanswered.Count);
    }

    [Fact]
    public void What_is_never_answered_is_kept_for_a_minute_though_nobody_asks()
    {
        var unanswered = new UnansweredSip();
        for (int second = 1; second <= 600; second++)
            unanswered.Add($"options-{second}", second, second * Second);

        Assert.InRange(unanswered.Count, 60, 62);
        Assert.Equal(long.MaxValue, unanswered.KnownUntil("options-500", 600 * Second));
        Assert.Equal(599 * Second, unanswered.KnownUntil("options-599", 600 * Second));
    }
}
