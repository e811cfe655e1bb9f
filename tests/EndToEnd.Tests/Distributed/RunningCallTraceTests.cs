using System.Globalization;
using CallMirror.AllInOne.Processes;
using CallMirror.Contracts.Tracing;
using CallMirror.TestKit.Tracing;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>The traces of calls that are up, in real time: they can be found before they end, and stay whole when sip-tracker dies.</summary>
[Collection(OneAtATime.Name)]
public sealed class RunningCallTraceTests(BrokerOfTests broker) : IClassFixture<BrokerOfTests>
{
    private static readonly string[] Early = ["call started", "call answered", "capture window", "process callmirror.rtp", "send to listener"];

    [Fact]
    public async Task A_call_that_is_up_can_be_found_and_is_one_trace_though_sip_tracker_is_killed_meanwhile()
    {
        using var folder = new TemporaryFolder();
        using var load = new SmallLoad(calls: 2, seconds: 7);
        await using var receiver = await OtlpReceiver.StartAsync(TestContext.Current.CancellationToken);
        using var fleet = new ServiceFleet(broker.Uri, [.. receiver.Environment, new("CallMirror__Telemetry__BatchSampling", "10")]);
        var tracker = await StartAsync(fleet, folder, load);
        await Eventually.HoldsAsync(() => Found(receiver).All(call => Early.All(call.Contains)) && Found(receiver).Count() == 2, "both calls can be found");
        Assert.DoesNotContain(receiver.Spans, span => span.Name == "call");

        await tracker.KillAsync();
        fleet.StartSipTracker(folder["calls.db"]);

        await Eventually.HoldsAsync(() => Sidecar.EndedStreams(folder["audio"]) == load.Streams, "all streams have ended");
        await fleet.StopAllAsync(but: tracker);
        foreach (var call in receiver.Spans.GroupBy(span => span.Text(SpanAttributes.CallId)))
        {
            var root = Assert.Single(call, span => span.ParentId.Length == 0);
            Assert.Equal("call", root.Name);
            Assert.Equal(["ringing", "answered", "ended"], root.EventNames);
            // The INVITE was 7.3 s before the BYE; the first process heard the one, the second the other.
            Assert.InRange((root.EndNs - root.StartNs) / 1e9, 7.2, 7.6);
            Assert.Equal(root.StartNs, Assert.Single(call, span => span.Name == "call started").StartNs);
            Assert.Single(call.Select(span => span.TraceId).Distinct());
            Assert.All(call.Where(span => span != root), span => Assert.Contains(call, above => above.Id == span.ParentId));
        }
    }

    // All but capture are up before the first packet comes.
    private static async Task<ServiceChild> StartAsync(ServiceFleet fleet, TemporaryFolder folder, SmallLoad load)
    {
        var (_, url) = await fleet.StartSinkAsync(folder["audio"]);
        var tracker = fleet.StartSipTracker(folder["calls.db"]);
        foreach (var child in new[] { fleet.Start("CallMirror.WsGateway", ("Gateway__Url", url)), fleet.StartTranscoder(), tracker })
            await ServiceFleet.HealthAsync(child);
        string begins = (TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(3)).ToString("O", CultureInfo.InvariantCulture);
        fleet.Start("CallMirror.Capture", ("Capture__File", load.Capture), ("Capture__Replay", "true"), ("Capture__ReplayAt", begins));
        return tracker;
    }

    // As who looks for a call would: by the call-id alone.
    private static IEnumerable<HashSet<string>> Found(OtlpReceiver receiver) => Enumerable.Range(0, 2)
        .Select(number => receiver.Spans.Where(span => span.Text(SpanAttributes.CallId) == $"call-{number:D5}@load").Select(span => span.Name).ToHashSet())
        .Where(call => call.Count > 0);
}
