using CallMirror.Messaging;
using CallMirror.TestKit;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway.Tests.Connections;

public sealed class OutageTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Waits_double_from_100_ms_to_5_s_and_are_shortened_by_up_to_half()
    {
        var backoff = new Backoff(Outage.FirstWait, Outage.LongestWait, new Random(1));
        double expected = 100;
        for (int i = 0; i < 12; i++)
        {
            Assert.InRange(backoff.Next().TotalMilliseconds, expected / 2, expected);
            expected = Math.Min(expected * 2, 5000);
        }

        backoff.Reset();
        Assert.InRange(backoff.Next().TotalMilliseconds, 50, 100);
    }

    [Fact]
    public void It_is_hopeless_after_its_limit_and_not_before()
    {
        var outage = New(TimeSpan.FromSeconds(10));
        outage.Began(wasConnected: false, acked: -1);
        _time.Advance(TimeSpan.FromSeconds(9));
        outage.Began(wasConnected: false, acked: -1);
        Assert.False(outage.IsHopeless);

        _time.Advance(TimeSpan.FromSeconds(1.1));
        Assert.True(outage.IsHopeless);
    }

    [Fact]
    public void Without_a_limit_it_never_is()
    {
        var outage = New(null);
        outage.Began(wasConnected: false, acked: -1);
        _time.Advance(TimeSpan.FromDays(3));

        Assert.False(outage.IsHopeless);
    }

    [Fact]
    public void A_plain_listener_ends_it_by_a_connection_that_lasts()
    {
        var outage = New(TimeSpan.FromSeconds(10));
        outage.Began(wasConnected: false, acked: -1);
        outage.Connected();
        outage.Progress(acked: -1);
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.True(outage.IsHopeless);

        outage.Progress(acked: -1);

        Assert.False(outage.IsHopeless);
    }

    [Fact]
    public async Task One_that_refuses_is_asked_once_a_minute()
    {
        var outage = New(null);
        outage.Began(wasConnected: false, acked: -1);
        var wait = outage.WaitAsync(isRefused: true, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(wait.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));
        await wait;
    }

    [Fact]
    public void A_listener_that_acknowledges_ends_it_only_by_storing_more()
    {
        var outage = New(TimeSpan.FromSeconds(10));
        outage.Began(wasConnected: true, acked: 640);
        outage.Progress(acked: 640);
        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.True(outage.IsHopeless);
        outage.Progress(acked: 641);
        Assert.False(outage.IsHopeless);
    }

    [Fact]
    public async Task A_wait_ends_right_behind_the_end_of_patience()
    {
        var outage = New(TimeSpan.FromMilliseconds(20));
        outage.Began(wasConnected: false, acked: -1);
        var wait = outage.WaitAsync(isRefused: false, TestContext.Current.CancellationToken);
        Assert.False(wait.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        await wait;
        Assert.True(outage.IsHopeless);
    }

    private Outage New(TimeSpan? giveUpAfter) => new(giveUpAfter, _time, new Random(2));
}
