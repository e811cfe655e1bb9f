using CallMirror.Capture.Tests.Engine;
using CallMirror.Capture.Tests.Sources;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests;

public sealed class CaptureMetricsTests
{
    // An INVITE, ten packets of which the fourth is missing, one of them twice, RTCP, noise, the first piece of a datagram, and what is no IP.
    private static readonly (double, byte[])[] Call =
    [
        (0, FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.SipBytes())),
        .. new[] { 0, 1, 2, 4, 5, 5, 6, 7, 8, 9 }.Select((number, i) => (100.0 + 20 * i, FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.RtpBytes(number, (uint)number * 160, 1, 8, Line.Voice(number, 160))))),
        (310, FrameBuilder.Udp(Line.Caller, Line.Pbx, [0x80, 200, 0, 1, 0, 0, 0, 1])),
        (320, FrameBuilder.Udp(Line.Caller, Line.Pbx, [1, 2, 3, 4])),
        (500, FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.SipBytes("BYE"))),
        (1500, [0]),
    ];

    [Fact]
    public async Task Packets_are_counted_by_what_they_are_and_what_became_of_them()
    {
        await using var host = await CaptureHost.StartAsync(answers: true);
        using var counted = new MeterCounts(host.Meters);
        await host.RunAsync(new ListSource(Call));

        var shown = counted.Observe();
        Assert.Equal((2, 10, 1, 1, 1), (Packets("sip"), Packets("rtp"), Packets("rtcp"), Packets("other"), Packets("unreadable")));
        Assert.Equal(host.Loop.Figures.Packets, shown.Where(one => one.Key.StartsWith("callmirror.capture.packets ", StringComparison.Ordinal)).Sum(one => one.Value));
        Assert.Equal((1, 1, 1), (shown["callmirror.capture.dropped not-sip-or-rtp"], shown["callmirror.capture.dropped rtcp"], shown["callmirror.capture.dropped not-readable"]));
        Assert.Equal((10, 1, 1, 0), (shown["callmirror.capture.rtp.taken"], shown["callmirror.capture.rtp.lost"], shown["callmirror.capture.rtp.duplicates"], shown["callmirror.capture.rtp.late"]));
        Assert.Equal((2, 0, 0, 0.1), (shown["callmirror.capture.sip"], shown["callmirror.capture.calls"], shown["callmirror.capture.streams"], shown["callmirror.capture.window"]));

        double Packets(string kind) => shown[$"callmirror.capture.packets {kind}"];
    }

    [Fact]
    public async Task A_call_is_one_line_with_its_figures()
    {
        await using var host = await CaptureHost.StartAsync(answers: true);
        await host.RunAsync(new ListSource(Call));
        Assert.Equal(
            "Information: Call call@line captured (bye, 0.5 s): caller 9 packets, 1 lost, 0 late, 1440 samples; callee 0 packets, 0 lost, 0 late, 0 samples",
            Assert.Single(host.Log.Lines, line => line.Contains("Call ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Calls_and_streams_are_those_that_go_on()
    {
        var line = new Line().Negotiate();
        Assert.Equal((1, 0), (line.Engine.CallCount, line.Engine.Counters.Streams));
        line.Talk(0, packets: 10);
        Assert.Equal((1, 1), (line.Engine.CallCount, line.Engine.Counters.Streams));
        for (int i = 0; i < 10; i++)
            line.Rtp(200 + 20 * i, i, ssrc: 2, from: Line.Pbx, to: Line.Caller);
        Assert.Equal((1, 2), (line.Engine.CallCount, line.Engine.Counters.Streams));
        line.End(400).Advance(2000).Advance(3000);
        Assert.Equal((0, 0), (line.Engine.CallCount, line.Engine.Counters.Streams));
    }

    [Fact]
    public async Task What_the_kernel_dropped_is_told_apart_from_what_the_interface_did()
    {
        await using var host = await CaptureHost.StartAsync(answers: true);
        using var counted = new MeterCounts(host.Meters);
        await host.RunAsync(new ListSource(Call) { DroppedByKernel = 7, DroppedByInterface = 3 });

        var shown = counted.Observe();
        Assert.Equal((7, 3), (shown["callmirror.capture.kernel.drops kernel"], shown["callmirror.capture.kernel.drops interface"]));
    }

    [Fact]
    public async Task Before_there_are_packets_there_is_nothing_to_show()
    {
        await using var host = await CaptureHost.StartAsync(answers: true);
        using var counted = new MeterCounts(host.Meters);
        Assert.Null(host.Loop.Counters);
        Assert.All(counted.Observe(), one => Assert.Equal(0, one.Value));
    }
}
