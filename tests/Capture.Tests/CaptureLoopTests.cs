using CallMirror.Capture.Sources;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Capture.Tests.Sources;
using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Sip;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests;

public sealed class CaptureLoopTests
{
    private static readonly (double, byte[])[] Call =
    [
        (0, FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.SipBytes())),
        .. Enumerable.Range(0, 10).Select(i => (100.0 + 20 * i, FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.RtpBytes(i, (uint)i * 160, 1, 8, Line.Voice(i, 160))))),
        (300, FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.SipBytes("BYE"))),
        (1000, [0]),
    ];

    [Fact]
    public async Task A_file_waits_for_the_answer_to_its_sip()
    {
        // With no room to wait in, RTP is taken only if the answer came before it was read.
        await using var host = await CaptureHost.StartAsync(answers: true, options => options.UnclaimedFor = TimeSpan.Zero);
        await host.RunAsync(new ListSource(Call));
        var sections = await host.ReadCallAsync();
        Assert.Equal(1600, sections.SelectMany(section => section.Runs).Where(run => !run.IsHistory).Sum(run => run.Payload.Length));
        Assert.Equal((byte)EndReason.Bye, sections[^1].Marks[^1].Code);
        Assert.Equal(10, host.Loop.Counters?.Rtp);
        Assert.Equal(Call.Length, host.Loop.Figures.Packets);
        Assert.Equal(10, (await host.QualityAsync()).Packets);
    }

    [Fact]
    public async Task A_tracker_that_does_not_answer_gets_one_sentence()
    {
        await using var host = await CaptureHost.StartAsync(answers: false);
        var run = host.RunAsync(new ListSource(Call));
        await host.PassAsync(TimeSpan.FromSeconds(30), run);
        var error = await Assert.ThrowsAsync<CaptureException>(() => run);
        Assert.Equal("sip-tracker has not answered within 30 s", error.Message);
    }

    [Fact]
    public async Task A_file_waits_for_the_answer_to_media_that_was_found()
    {
        (double, byte[])[] headless = [.. Enumerable.Range(0, 60).Select(i => (20.0 * i, FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.RtpBytes(i, (uint)i * 160, 1, 8, Line.Voice(i, 160)))))];
        await using var host = await CaptureHost.StartAsync(answers: false);
        var run = host.RunAsync(new ListSource(headless));
        await host.PassAsync(TimeSpan.FromSeconds(30), run);
        var error = await Assert.ThrowsAsync<CaptureException>(() => run);
        Assert.Equal("sip-tracker has not answered within 30 s", error.Message);
        Assert.Equal(51, host.Loop.Figures.Packets);
    }

    [Fact]
    public async Task A_source_that_breaks_still_gives_what_it_had()
    {
        await using var host = await CaptureHost.StartAsync(answers: true);
        var error = await Assert.ThrowsAsync<CaptureException>(() => host.RunAsync(new ListSource(Call[..6]) { Breaks = "the disk is on fire" }));
        Assert.Equal("the disk is on fire", error.Message);
        var sections = await host.ReadCallAsync();
        Assert.Equal(800, sections.SelectMany(section => section.Runs).Where(run => !run.IsHistory).Sum(run => run.Payload.Length));
        Assert.Equal((byte)EndReason.EndOfCapture, sections[^1].Marks[^1].Code);
    }

    [Fact]
    public async Task Stopping_ends_the_calls_that_are_up()
    {
        await using var host = await CaptureHost.StartAsync(answers: false);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await host.TellAsync(CaptureHost.Negotiated(host.Now));
        await host.RunAsync(new ListSource(Call[1..6]) { IsLive = true, WhenIdle = stopping.Cancel, StartNs = CaptureTime.ToNanoseconds(host.Now) }, stopping);
        var sections = await host.ReadCallAsync();
        Assert.Equal((MarkKind.End, (byte)EndReason.Stopped), (sections[^1].Marks[^1].Kind, sections[^1].Marks[^1].Code));
        Assert.Equal(800, sections.SelectMany(section => section.Runs).Where(run => !run.IsHistory).Sum(run => run.Payload.Length));
    }

    [Fact]
    public async Task A_live_source_waits_for_no_answer()
    {
        await using var host = await CaptureHost.StartAsync(answers: false);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await host.TellAsync(new SipMessageHandled { CaptureId = "another", Sequence = 1, CallId = Line.CallId });
        await host.TellAsync(CaptureHost.Negotiated(host.Now));
        await host.RunAsync(new ListSource(Call) { IsLive = true, WhenIdle = stopping.Cancel, StartNs = CaptureTime.ToNanoseconds(host.Now) }, stopping);
        Assert.Equal((2L, 10L), (host.Loop.Counters?.Sip, host.Loop.Counters?.Rtp));
    }

    [Fact]
    public async Task What_comes_while_the_process_was_kept_from_working_has_its_own_time()
    {
        await using var host = await CaptureHost.StartAsync(answers: false);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await host.TellAsync(CaptureHost.Negotiated(host.Now));
        var source = new ListSource(Call[1..6])
        {
            IsLive = true,
            StartNs = CaptureTime.ToNanoseconds(host.Now),
            // It has just looked, and the processor goes to somebody else for half a second.
            Pauses = (0, () => host.Pass(TimeSpan.FromMilliseconds(500))),
            WhenIdle = stopping.Cancel,
        };
        var run = host.RunAsync(source, stopping);
        await host.PassAsync(TimeSpan.FromMilliseconds(25), run);
        await run;
        var first = (await host.ReadCallAsync()).SelectMany(section => section.Runs).First();
        Assert.Equal(100 * 8, first.Position);
    }

    [Fact]
    public async Task A_line_on_which_nothing_comes_is_looked_at_forty_times_a_second()
    {
        await using var host = await CaptureHost.StartAsync(answers: false);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        int looks = 0;
        var run = host.RunAsync(new ListSource(Call[1..6]) { IsLive = true, WhenIdle = () => looks++, StartNs = CaptureTime.ToNanoseconds(host.Now) }, stopping);
        // A tenth of a second is looked at each 2 ms.
        await PassAsync(150);
        int before = looks;

        await PassAsync(1000);

        Assert.InRange(before, 1, 55);
        Assert.InRange(looks - before, 1, 41);
        await stopping.CancelAsync();
        await run;

        async Task PassAsync(int milliseconds)
        {
            for (int passed = 0; passed < milliseconds; passed++)
                await host.PassAsync(TimeSpan.FromMilliseconds(1), run);
        }
    }
}
