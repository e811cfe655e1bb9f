using System.Net.WebSockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using CallMirror.AllInOne.Processes;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>Listeners that join a running call, at its owner and at a gateway that stands by: they hear what the sink stores, and the sink stores the same.</summary>
[Collection(OneAtATime.Name)]
public sealed partial class JoinTests(BrokerOfTests broker) : IClassFixture<BrokerOfTests>, IDisposable
{
    private const int Rate = 16_000;

    private readonly TemporaryFolder _folder = new();
    private readonly SmallLoad _load = new(calls: 2, seconds: 20);

    public void Dispose()
    {
        _folder.Dispose();
        _load.Dispose();
    }

    [Fact]
    public async Task They_hear_what_the_sink_stores_from_where_they_joined_and_the_sink_stores_the_same_as_without_them()
    {
        var whole = await _load.WholeAsync();
        using var fleet = new ServiceFleet(broker.Uri);
        var (_, url) = await fleet.StartSinkAsync(_folder["audio"]);
        var owner = StartGateway(fleet, url);
        foreach (var child in new[] { owner, fleet.StartTranscoder(), fleet.StartSipTracker(_folder["calls.db"]) })
            await ServiceFleet.HealthAsync(child);
        fleet.Start("CallMirror.Capture", ("Capture__File", _load.Capture), ("Capture__Replay", "true"));
        await Eventually.HoldsAsync(() => Sidecar.StoredSamples(_folder["audio"]) >= _load.Streams * Rate, "a second of each stream is stored");

        // It was not there when the calls began.
        var standby = await CallsAsync(StartGateway(fleet, url));
        var calls = await CallsAsync(owner);
        await Eventually.HoldsAsync(async () => (await JoinedCall.ListAsync(standby)).Count == 2, "the standby has heard of the calls");
        AssertListed(await JoinedCall.ListAsync(calls));
        AssertListed(await JoinedCall.ListAsync(standby));
        var call = (await JoinedCall.ListAsync(calls))[0];
        string id = call.GetProperty("call_id").GetString()!;
        await using var slow = await JoinedCall.JoinAsync(standby, call.GetProperty("stereo_path").GetString()!, isSlow: true);
        await using var mono = await JoinedCall.JoinAsync(calls, call.GetProperty("streams")[0].GetProperty("path").GetString()!);
        await using var stereo = await JoinedCall.JoinAsync(standby, call.GetProperty("stereo_path").GetString()!);

        await Eventually.HoldsAsync(() => Sidecar.EndedStreams(_folder["audio"]) == _load.Streams, "all streams have ended");
        slow.Read();
        foreach (var joined in new[] { mono, stereo, slow })
        {
            await joined.EndAsync();
            Assert.Equal(WebSocketCloseStatus.NormalClosure, joined.Closed);
        }

        foreach (var (tag, samples) in whole)
            Assert.Equal(samples, Runs.Samples(_folder["audio"] + "/" + tag + ".pcm"));
        Assert.Equal(whole.Count, Directory.GetFiles(_folder["audio"], "*.pcm").Length);
        var sides = new[] { Side(id, 0, whole), Side(id, 1, whole) };
        Assert.Equal(sides[0].Samples[(int)(mono.Position - sides[0].First)..], mono.Samples);
        Assert.Equal(["start", "end"], mono.Types.Concat(stereo.Types).Distinct());
        Assert.Equal(Both(sides, stereo.Position), stereo.Samples);
        Assert.All(new[] { mono, stereo }, joined => Assert.InRange(joined.Position, Rate, 15 * Rate));
        AssertGapsAreExact(Both(sides, slow.Position), slow);
        await Eventually.HoldsAsync(async () => (await JoinedCall.ListAsync(calls)).Count + (await JoinedCall.ListAsync(standby)).Count == 0, "no call is listed any more");
        await fleet.StopAllAsync();
    }

    [Fact]
    public async Task A_gateway_that_is_stopped_tells_its_listeners_and_ends_cleanly()
    {
        using var fleet = new ServiceFleet(broker.Uri);
        var (_, url) = await fleet.StartSinkAsync(_folder["stopped"]);
        var gateway = StartGateway(fleet, url);
        foreach (var child in new[] { gateway, fleet.StartTranscoder(), fleet.StartSipTracker(_folder["stopped.db"]) })
            await ServiceFleet.HealthAsync(child);
        var calls = await CallsAsync(gateway);
        var capture = fleet.Start("CallMirror.Capture", ("Capture__File", _load.Capture), ("Capture__Replay", "true"));
        await Eventually.HoldsAsync(async () => (await JoinedCall.ListAsync(calls)).Count == 2, "the calls are up");
        string path = (await JoinedCall.ListAsync(calls))[0].GetProperty("stereo_path").GetString()!;
        await using var stuck = await JoinedCall.JoinAsync(calls, path, isSlow: true);
        await using var joined = await JoinedCall.JoinAsync(calls, path);

        Assert.True(await gateway.StopAsync(TimeSpan.FromSeconds(10)) == 0, string.Join('\n', gateway.Lines));

        await joined.EndAsync();
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, joined.Closed);
        await capture.KillAsync();
    }

    private static ServiceChild StartGateway(ServiceFleet fleet, string url) => fleet.Start("CallMirror.WsGateway", ("Gateway__Url", url), ("Gateway__ListenKeep", "00:00:02"));

    private static async Task<Uri> CallsAsync(ServiceChild gateway) => new((await ServiceFleet.SaysAsync(gateway, CallsLine())).Groups[1].Value);

    private static void AssertListed(List<JsonElement> calls)
    {
        Assert.Equal(2, calls.Count);
        Assert.All(calls, call =>
        {
            Assert.Equal("answered", call.GetProperty("state").GetString());
            Assert.Equal(300, (call.GetProperty("answered_at").GetDateTime() - call.GetProperty("started_at").GetDateTime()).TotalMilliseconds);
            Assert.All(call.GetProperty("streams").EnumerateArray(), stream => Assert.Equal("PCMA", Assert.Single(stream.GetProperty("codecs").EnumerateArray()).GetString()));
        });
    }

    private (long First, short[] Samples) Side(string callId, int role, Dictionary<string, short[]> whole) =>
        (Sidecar.ReadAll(_folder["audio"])[callId].Stream(role).GetProperty("first_position").GetInt64(), whole[$"{callId}-{role}"]);

    private static short[] Both((long First, short[] Samples)[] sides, long from)
    {
        long end = sides.Max(side => side.First + side.Samples.Length);
        short[] both = new short[2 * (end - from)];
        for (int role = 0; role < 2; role++)
            for (long position = Math.Max(from, sides[role].First); position < sides[role].First + sides[role].Samples.Length; position++)
                both[(2 * (position - from)) + role] = sides[role].Samples[position - sides[role].First];
        return both;
    }

    private static void AssertGapsAreExact(short[] said, JoinedCall slow)
    {
        Assert.NotEmpty(slow.Gaps);
        foreach (var (position, samples) in slow.Gaps)
            said.AsSpan((int)(2 * (position - slow.Position)), (int)(2 * samples)).Clear();
        Assert.Equal(said, slow.Samples);
    }

    [GeneratedRegex(@"can be joined at (http://\S+)")]
    private static partial Regex CallsLine();
}
