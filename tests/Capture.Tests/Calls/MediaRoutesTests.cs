using CallMirror.Capture.Calls;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Contracts.Calls;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Tests.Calls;

public sealed class MediaRoutesTests
{
    private const string PbxHost = "192.0.2.1";
    private const string NatHost = "203.0.113.9";

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
    public void Of_several_that_share_an_end_the_one_still_without_media_has_it()
    {
        var first = Announce(Line.Caller, Line.Pbx);
        Hear(first, role: 0, ms: 900);
        var second = Announce(Line.Caller.WithPort(50_000), Line.Pbx);
        Assert.Equal(second, Find(Public, Line.Pbx, ms: 1000)?.Call);
    }

    [Fact]
    public void Of_several_that_share_an_end_and_have_no_media_none_is_guessed()
    {
        Announce(Line.Caller, Line.Pbx);
        Announce(Line.Caller.WithPort(50_000), Line.Pbx);
        Assert.Null(Find(Public, Line.Pbx));
    }

    [Fact]
    public void The_call_whose_sip_comes_from_the_senders_host_goes_before_another()
    {
        Announce(Line.Caller, Line.Pbx);
        var natted = Announce(Line.Caller.WithPort(50_000), Line.Pbx, callerHost: NatHost);
        Announce(Line.Caller.WithPort(50_002), Line.Pbx);
        Assert.Equal(new MediaRoute(natted, 0), Find(Public, Line.Pbx));
    }

    [Fact]
    public void Where_both_are_behind_nat_the_hosts_of_sip_and_one_port_decide()
    {
        var call = Announce(Line.Caller, TransportAddress.From([198, 51, 100, 1], 16_384), callerHost: NatHost, calleeHost: PbxHost);
        Assert.Equal(new MediaRoute(call, 0), Find(Public, Line.Pbx));
        Assert.Equal(new MediaRoute(call, 1), Find(Line.Pbx, Public));
        Assert.Null(Find(Public, Line.Pbx.WithPort(17_000)));
        Assert.Null(Find(TransportAddress.From([203, 0, 113, 10], 2000), Line.Pbx));
    }

    [Fact]
    public void What_comes_to_an_offered_address_is_the_callees_and_what_leaves_it_the_callers()
    {
        var call = Announce(Line.Caller, []);
        Assert.Equal(new MediaRoute(call, 1), Find(Line.Pbx, Line.Caller));
        Assert.Equal(new MediaRoute(call, 0), Find(Line.Caller, Line.Pbx));
    }

    [Fact]
    public void A_fork_that_has_lost_is_none_of_the_call()
    {
        var loser = Line.Pbx.WithPort(20_000);
        var call = Announce(Line.Caller, [loser, Line.Pbx]);
        Assert.Equal(call, Find(loser, Line.Caller)?.Call);
        call.Answer(Line.At(10));
        Negotiate(call, version: 2, ms: 10, Line.Caller, [Line.Pbx]);
        Assert.Null(Find(loser, Line.Caller, ms: 20));
        Assert.Equal(call, Find(Line.Pbx, Line.Caller, ms: 20)?.Call);
    }

    [Fact]
    public void A_party_that_moves_is_heard_from_its_earlier_address_for_a_while()
    {
        var call = Announce(Line.Caller, Line.Pbx);
        Negotiate(call, version: 2, ms: 1000, Line.Caller.WithPort(1), [Line.Pbx.WithPort(1)]);
        Assert.Equal(call, Find(Line.Caller, Line.Pbx.WithPort(1), ms: 1400)?.Call);
        Assert.Equal(call, Find(Line.Caller.WithPort(1), Line.Pbx.WithPort(1), ms: 1400)?.Call);
        Assert.Null(Find(Line.Caller, Line.Pbx, ms: 1600));
    }

    [Fact]
    public void A_packet_from_before_the_call_is_none_of_it()
    {
        var call = Announce(Line.Caller, Line.Pbx);
        Assert.Null(Find(Line.Caller, Line.Pbx, ms: -1));
        Assert.Equal(call, Find(Line.Caller, Line.Pbx, ms: 0)?.Call);
    }

    [Fact]
    public void A_call_that_has_ended_still_gets_the_paths_that_it_had_and_no_others()
    {
        var call = Announce(Line.Caller, Line.Pbx);
        Assert.NotNull(Find(Line.Caller, Line.Pbx, ms: 50));
        Hear(call, role: 0, ms: 50);
        call.End(Line.Ns(100), EndReason.Bye);
        _routes.Suspend(call);
        Assert.Equal(call, Find(Line.Caller, Line.Pbx, ms: 200)?.Call);
        Assert.Null(Find(Public, Line.Pbx, ms: 200));
        Assert.Null(Find(Line.Caller, Line.Pbx, ms: 700));
    }

    [Fact]
    public void Another_sender_on_the_path_of_a_call_that_has_ended_is_of_the_next()
    {
        var call = Announce(Line.Caller, Line.Pbx);
        Assert.NotNull(Find(Line.Caller, Line.Pbx, ms: 50));
        Hear(call, role: 0, ms: 50);
        call.End(Line.Ns(100), EndReason.Bye);
        _routes.Suspend(call);
        Assert.Null(Find(Line.Caller, Line.Pbx, ms: 150, ssrc: 2));

        var next = Announce(Public, Line.Pbx, callerHost: "10.0.0.1");
        Assert.Equal(next, Find(Line.Caller, Line.Pbx, ms: 200, ssrc: 2)?.Call);
        Assert.Equal(call, Find(Line.Caller, Line.Pbx, ms: 200)?.Call);
    }

    [Fact]
    public void A_call_that_was_found_takes_nothing_but_its_own_path()
    {
        var found = Announce(Line.Caller, [Line.Pbx], isFound: true);
        Assert.Equal(found, Find(Line.Caller, Line.Pbx)?.Call);
        Assert.Null(Find(Public, Line.Pbx));
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
        var second = Announce(Public, Line.Pbx);
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

    private MirroredCall Announce(TransportAddress caller, TransportAddress? callee, string? callerHost = null, string? calleeHost = null) =>
        Announce(caller, callee is { } one ? [one] : [], callerHost, calleeHost);

    private MirroredCall Announce(TransportAddress caller, TransportAddress[] callees, string? callerHost = null, string? calleeHost = null, bool isFound = false)
    {
        var first = Negotiated(1, 0, caller, callees) with
        {
            CallerHosts = callerHost is null ? [] : [callerHost],
            CalleeHosts = calleeHost is null ? [] : [calleeHost],
            IsFound = isFound,
        };
        var call = new MirroredCall(first, nowNs: 0, [], ++_order, new CaptureOptions(), new CaptureCounters());
        Assert.True(call.TryNegotiate(first));
        _routes.Announce(call);
        return call;
    }

    private void Negotiate(MirroredCall call, int version, double ms, TransportAddress caller, TransportAddress[] callees)
    {
        Assert.True(call.TryNegotiate(Negotiated(version, ms, caller, callees)));
        _routes.Announce(call);
    }

    private static MediaNegotiated Negotiated(int version, double ms, TransportAddress caller, TransportAddress[] callees) => new()
    {
        CallId = "c",
        At = Line.At(ms),
        StartedAt = Line.At(0),
        Version = version,
        Streams =
        [
            new() { Role = 0, Sender = caller.ToString(), Formats = [] },
            .. callees.Select(callee => new NegotiatedStream { Role = 1, Sender = callee.ToString(), Receiver = caller.ToString(), Formats = [] }),
        ],
    };

    private static byte[] Rtp(uint ssrc) => Line.RtpBytes(1, 160, ssrc, 8, Line.Voice(1, 160));

    private static void Hear(MirroredCall call, int role, double ms)
    {
        byte[] bytes = Line.RtpBytes(1, 160, 1, 8, Line.Voice(1, 160));
        Assert.True(RtpPacket.TryParse(bytes, out var packet, out _));
        call.Accept(role, new MediaPath(Line.Caller, Line.Pbx), packet, Line.Ns(ms));
    }

    private MediaRoute? Find(TransportAddress from, TransportAddress to, double ms = 10, uint ssrc = 1)
    {
        var path = new MediaPath(from, to);
        if (!_routes.TryFind(path, Rtp(ssrc), Line.Ns(ms), out var route, out _))
            return null;
        route.Call.Remember(path);
        _routes.Remember(path, route, Line.Ns(ms));
        return route;
    }
}
