using CallMirror.Capture.Hosting;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Capture.Tests.Sources;
using CallMirror.Contracts;
using CallMirror.TestKit;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CallMirror.Capture.Tests.Hearing;

/// <summary>What the capture loop says of its source, and what its health is.</summary>
public sealed class MirrorWatchTests
{
    private const string NoPackets = "eth1: no packets yet: is anything mirrored to it, and does the filter let it through?";

    // Longer than the loop waits.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(600);

    private static readonly (double, byte[])[] Packets =
    [
        (0, FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.RtpBytes(0, 0, 1, 8, Line.Voice(0, 160)))),
    ];

    [Fact]
    public async Task Of_a_dead_mirror_the_log_warns_and_health_is_degraded()
    {
        await using var host = await CaptureHost.StartAsync(answers: true);
        using var counted = new MeterCounts(host.Meters);
        var (status, reason) = await RunAsync(host, Silent("eth1"), TimeSpan.FromSeconds(20));

        Assert.Equal((HealthStatus.Degraded, NoPackets), (status, reason));
        Assert.Equal($"Warning: {NoPackets}", Assert.Single(host.Log.Lines, line => line.Contains("eth1", StringComparison.Ordinal)));
        Assert.Equal(NoPackets, host.Mirror.Latest);
        Assert.InRange(counted.Observe()["callmirror.capture.silence"], 10, 100);
    }

    [Fact]
    public async Task In_its_first_ten_seconds_a_mirror_may_be_silent()
    {
        await using var host = await CaptureHost.StartAsync(answers: true);
        var (status, reason) = await RunAsync(host, Silent("eth1"), TimeSpan.FromSeconds(5));
        Assert.Equal((HealthStatus.Healthy, null), (status, reason));
        Assert.Null(host.Mirror.Latest);
    }

    [Fact]
    public async Task A_mirror_that_is_heard_is_healthy_and_somebody_may_be_told_in_place_of_the_log()
    {
        await using var host = await CaptureHost.StartAsync(answers: true);
        List<string> said = [];
        host.Mirror.Said = said.Add;
        var source = new ListSource(Packets) { IsLive = true, Device = "eth1", StartNs = CaptureTime.ToNanoseconds(host.Now) };
        var (status, _) = await RunAsync(host, source, TimeSpan.FromSeconds(15));

        Assert.Equal(HealthStatus.Healthy, status);
        Assert.StartsWith("eth1: RTP but no SIP: 0 packets/s, ", Assert.Single(said), StringComparison.Ordinal);
        Assert.DoesNotContain(host.Log.Lines, line => line.Contains("eth1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_what_is_no_interface_nothing_is_said()
    {
        await using var host = await CaptureHost.StartAsync(answers: true);
        var (status, _) = await RunAsync(host, Silent(device: null), TimeSpan.FromSeconds(200));
        Assert.Equal(HealthStatus.Healthy, status);
        Assert.Null(host.Mirror.Latest);
    }

    private static ListSource Silent(string? device) => new() { IsLive = true, Device = device };

    // The clock goes on each time that the loop has nothing to read.
    private static async Task<(HealthStatus Status, string? Reason)> RunAsync(CaptureHost host, ListSource source, TimeSpan span)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var until = host.Now + span;
        var run = host.RunAsync(source, stopping);
        while (host.Now < until && !run.IsCompleted)
            await host.PassAsync(Step, run);
        var health = await new MirrorHealth(host.Mirror).CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);
        await stopping.CancelAsync();
        await run;
        return (health.Status, health.Description);
    }
}
