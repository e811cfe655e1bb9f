using System.Text.Json;
using CallMirror.AllInOne.Processes;
using CallMirror.TestKit.Broker;
using CallMirror.TestKit.Load;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>INVITEs that nobody accepts: each is announced from its offer on, has a lane and a session, and leaves neither behind.</summary>
[Collection(OneAtATime.Name)]
public sealed class RefusedCallTests
{
    private const int Calls = 1000;
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_thousand_refused_invites_leave_no_queue_and_no_session_and_reach_no_listener()
    {
        using var folder = new TemporaryFolder();
        LoadCapture.Write(folder["refused.pcap"], new LoadPlan(Calls, 0, Spread, SmallLoad.UniquePayload) { AreRefused = true });
        await using var broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken, management: true);
        await using var listener = await PlainListener.StartAsync(folder.Path);
        using var fleet = new ServiceFleet(broker.Uri);
        var gateway = fleet.Start("CallMirror.WsGateway", ("Gateway__Url", listener.Url.ToString()));
        var tracker = fleet.StartSipTracker(folder["calls.db"]);
        foreach (var child in new[] { gateway, tracker, fleet.StartTranscoder() })
            await ServiceFleet.HealthAsync(child);
        var capture = fleet.Start("CallMirror.Capture", ("Capture__File", folder["refused.pcap"]), ("Capture__Replay", "true"));

        await Eventually.HoldsAsync(() => capture.Lines.Count(line => line.Contains("captured (failed", StringComparison.Ordinal)) == Calls, "capture has ended all calls");
        await Eventually.HoldsAsync(async () => await SumAsync(gateway, "callmirror_gateway_calls") == 0 && await LanesAsync(broker) == 0, "all sessions and lanes are gone");

        Assert.Equal(Calls, await SumAsync(tracker, "callmirror_sip_tracker_calls_ended_total"));
        Assert.Equal(0, await SumAsync(tracker, "callmirror_sip_tracker_calls_active"));
        Assert.Equal(0, listener.Requests);
        await fleet.StopAllAsync();
        Assert.DoesNotContain(await QueuesAsync(broker), queue => queue.Contains("rehearsal", StringComparison.Ordinal));
        Assert.DoesNotContain("rehearsal", await broker.ManagementAsync(HttpMethod.Get, "exchanges/%2F", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task<double> SumAsync(ServiceChild service, string family) =>
        (await ServiceFleet.MetricsAsync(service)).TryGetValue(family, out var shown) ? shown.Sum() : 0;

    private static async Task<int> LanesAsync(RabbitMqBroker broker) =>
        (await QueuesAsync(broker)).Count(queue => queue.StartsWith("callmirror.lane.", StringComparison.Ordinal));

    private static async Task<List<string>> QueuesAsync(RabbitMqBroker broker)
    {
        string json = await broker.ManagementAsync(HttpMethod.Get, "queues/%2F?disable_stats=true&enable_queue_totals=false&columns=name", TestContext.Current.CancellationToken);
        return [.. JsonSerializer.Deserialize<JsonElement>(json).EnumerateArray().Select(queue => queue.GetProperty("name").GetString()!)];
    }
}
