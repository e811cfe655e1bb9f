using CallMirror.Capture.Calls;
using CallMirror.Capture.Windows;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Contracts.Calls;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Tests.Calls;

public sealed class MediaRoutesTests
{
    private const int CallerParty = 0;
    private const int CalleeParty = 1;

    private static readonly TransportAddress Public = TransportAddress.From([203, 0, 113, 9], 2000);
    private readonly MediaRoutes _routes = new();
    private long _order;

    [Fact]
    public void Each_direction_is_the_role_of_who_speaks()
    {
        var call = Announce(Line.Caller, Line.Pbx);
        Assert.Equal(new MediaRoute(call, 0), Find(Line.Caller, Line.Pbx));
        Assert.Equal(new MediaRoute(call, 1), Find(Line.Pbx, Line.Caller));
    }

    [Fact]
    public void Nobody_announced_it() => Assert.Null(Find(Line.Caller, Line.Pbx));

    [Fact]
    public void Behind_a_nat_the_end_that_was_announced_decides()
    {
        var call = Announce(Line.Caller, Line.Pbx);
        Assert.Equal(new MediaRoute(call, 0), Find(Public, Line.Pbx));
        Assert.Equal(new MediaRoute(call, 1), Find(Line.Pbx, Public));
    }

    [Fact]
    public void Who_announced_both_ends_goes_before_a_later_call_that_announced_one()
    {
        var first = Announce(Line.Caller, Line.Pbx);
        var later = Announce(Public, Line.Pbx);
        Assert.Equal(first, Find(Line.Caller, Line.Pbx)?.Call);
        Assert.Equal(later, Find(Public, Line.Pbx)?.Call);
    }

    [Fact]
    public void Of_several_that_share_an_end_the_latest_running_one_has_it()
    {
        var first = Announce(Line.Caller, Line.Pbx);
        Assert.Equal(first, Find(Public, Line.Pbx)?.Call);
        var second = Announce(Line.Caller.WithPort(50_000), Line.Pbx);
        Assert.Equal(second, Find(Public, Line.Pbx)?.Call);
        second.End(0, EndReason.Bye);
        _routes.Demote(second);
        Assert.Equal(first, Find(Public, Line.Pbx)?.Call);
    }

    [Fact]
    public void A_call_that_has_ended_still_gets_what_nobody_else_announced()
    {
        var call = Announce(Line.Caller, Line.Pbx);
        call.End(0, EndReason.Bye);
        _routes.Demote(call);
        Assert.Equal(call, Find(Line.Caller, Line.Pbx)?.Call);
    }

    [Fact]
    public void The_next_call_on_the_same_ports_takes_them_over()
    {
        var first = Announce(Line.Caller, Line.Pbx);
        Assert.Equal(first, Find(Line.Caller, Line.Pbx)?.Call);
        var next = Announce(Line.Caller, Line.Pbx);
        Assert.Equal(next, Find(Line.Caller, Line.Pbx)?.Call);
        _routes.Remove(first);
        Assert.Equal(next, Find(Line.Caller, Line.Pbx)?.Call);
    }

    [Fact]
    public void A_call_from_the_pbx_to_itself_has_both_its_roles()
    {
        var other = Line.Pbx.WithPort(16_386);
        var call = Announce(Line.Pbx, other);
        Assert.Equal(new MediaRoute(call, 0), Find(Line.Pbx, other));
        Assert.Equal(new MediaRoute(call, 1), Find(other, Line.Pbx));
    }

    [Fact]
    public void What_is_announced_later_counts_for_paths_that_were_seen()
    {
        var first = Announce(Line.Caller, Line.Pbx);
        Assert.Equal(first, Find(Public, Line.Pbx)?.Call);
        var second = Announce(Public, Line.Pbx.WithPort(1));
        _routes.Announce(second, CalleeParty, Line.Pbx);
        Assert.Equal(second, Find(Public, Line.Pbx)?.Call);
    }

    [Fact]
    public void Nothing_stays_behind_when_calls_are_gone()
    {
        MirroredCall[] calls = [.. Enumerable.Range(0, 20).Select(i => Announce(Line.Caller.WithPort(i % 7 + 1), Line.Pbx.WithPort(i % 5 + 1)))];
        for (int i = 1; i < 50; i++)
        {
            Find(Line.Caller.WithPort(i % 7 + 1), Line.Pbx.WithPort(i % 5 + 1));
            Find(Public.WithPort(i), Line.Pbx.WithPort(i % 5 + 1));
            Find(Line.Caller.WithPort(i % 7 + 1), Public.WithPort(i));
        }

        Assert.NotEqual(0, _routes.Entries);
        foreach (var call in calls)
        {
            _routes.Remove(call);
            _routes.Remove(call);
            Assert.Empty(call.Addresses);
        }

        Assert.Equal(0, _routes.Entries);
        Assert.Null(Find(Line.Caller.WithPort(1), Line.Pbx.WithPort(1)));
    }

    [Fact]
    public void However_many_send_to_one_address_what_is_remembered_is_bounded()
    {
        var call = Announce(Line.Caller, Line.Pbx);
        int most = 0;
        for (int i = 0; i < 300_000; i++)
        {
            var stranger = TransportAddress.From([198, 18, (byte)(i >> 8), (byte)i], 1024 + (i >> 16));
            Assert.Equal(call, Find(stranger, Line.Pbx)?.Call);
            most = Math.Max(most, _routes.Entries);
        }

        Assert.InRange(most, 1000, 300_000);
        _routes.Remove(call);
        Assert.Equal(0, _routes.Entries);
    }

    private MirroredCall Announce(TransportAddress caller, TransportAddress callee)
    {
        var negotiated = new MediaNegotiated { CallId = "c", At = Line.At(0), StartedAt = Line.At(0), Version = 1, Streams = [] };
        var call = new MirroredCall(negotiated, nowNs: 0, [], ++_order, reorderWaitNs: 0, new CaptureCounters()) { Window = new CallWindow(_order, now: 0) };
        _routes.Announce(call, CallerParty, caller);
        _routes.Announce(call, CalleeParty, callee);
        return call;
    }

    private MediaRoute? Find(TransportAddress from, TransportAddress to) => _routes.TryFind(new MediaPath(from, to), out var route) ? route : null;
}
