using System.Runtime.InteropServices;
using CallMirror.AllInOne.Processes;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>A listener that knows nothing of acknowledgements and resuming, in the distributed shape: its parts together are the whole.</summary>
[Collection(OneAtATime.Name)]
public sealed class PlainListenerFaultTests(BrokerOfTests broker) : IClassFixture<BrokerOfTests>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SmallLoad _load = new(calls: 4, seconds: 8);

    public void Dispose()
    {
        _folder.Dispose();
        _load.Dispose();
    }

    [Fact]
    public async Task Restarted_in_mid_call_it_gets_the_rest_under_the_resumed_tag()
    {
        var whole = await _load.WholeAsync();
        using var fleet = new ServiceFleet(broker.Uri);
        var before = await PlainListener.StartAsync(_folder.Path);
        int port = before.Url.Port;
        await StartAsync(fleet, before.Url);
        await Eventually.HoldsAsync(() => before.Samples >= _load.Streams * 16_000, "a second of each stream has come");

        await before.CloseAsync();
        await before.DisposeAsync();
        await using var after = await PlainListener.StartAsync(_folder.Path, port);

        await Eventually.HoldsAsync(() => after.Ended.Count == _load.Streams, "all streams have ended");
        await fleet.StopAllAsync();
        AssertWhole(whole, [.. before.Streams.Values, .. after.Streams.Values]);
    }

    [Fact]
    public async Task When_its_gateway_is_killed_it_gets_the_rest_from_the_other_under_the_resumed_tag()
    {
        var whole = await _load.WholeAsync();
        using var fleet = new ServiceFleet(broker.Uri);
        await using var listener = await PlainListener.StartAsync(_folder.Path);
        var gateways = await StartAsync(fleet, listener.Url, gateways: 2);
        await Eventually.HoldsAsync(() => listener.Samples >= _load.Streams * 16_000, "a second of each stream has come");

        // Lanes belong to whoever asked for them first; on a busy machine that may be the same gateway for all.
        var owned = await Task.WhenAll(gateways.Select(OwnedLanesAsync));
        await gateways[Array.IndexOf(owned, owned.Max())].KillAsync();

        await Eventually.HoldsAsync(() => listener.Ended.Count == _load.Streams, "all streams have ended");
        Assert.Contains(listener.Streams.Keys, tag => !whole.ContainsKey(tag));
        AssertWhole(whole, [.. listener.Streams.Values]);
    }

    private async Task<List<ServiceChild>> StartAsync(ServiceFleet fleet, Uri listener, int gateways = 1)
    {
        var started = Enumerable.Range(0, gateways).Select(_ => fleet.Start("CallMirror.WsGateway", ("Gateway__Url", listener.ToString()))).ToList();
        foreach (var child in started.Append(fleet.StartTranscoder()).Append(fleet.StartSipTracker(_folder[$"{Guid.NewGuid():N}.db"])))
            await ServiceFleet.HealthAsync(child);
        fleet.Start("CallMirror.Capture", ("Capture__File", _load.Capture), ("Capture__Replay", "true"));
        return started;
    }

    private static async Task<double> OwnedLanesAsync(ServiceChild gateway) =>
        (await ServiceFleet.MetricsAsync(gateway))["callmirror_gateway_lanes"].Sum(label: ("state", "owner"));

    // Parts are put together by their positions; where they overlap they agree, and nothing is missing between them.
    private void AssertWhole(Dictionary<string, short[]> whole, List<PlainStream> parts)
    {
        foreach (var (tag, samples) in whole)
        {
            var own = parts.Where(part => Origin(part) == tag).OrderBy(part => part.Position).ToList();
            long first = own[0].Position;
            long covered = first;
            foreach (var part in own)
            {
                Assert.InRange(part.Position, first, covered);
                var heard = MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(_folder[part.Start.GetProperty("tag").GetString() + ".pcm"]));
                Assert.True(samples.AsSpan((int)(part.Position - first), heard.Length).SequenceEqual(heard), $"a part of {tag} is not what was said");
                covered = Math.Max(covered, part.Position + heard.Length);
            }

            Assert.Equal(samples.Length, covered - first);
            Assert.Single(own, part => part.HasEnded);
            Assert.DoesNotContain(own, part => part.Events("gap").Any());
        }
    }

    private static string Origin(PlainStream part) =>
        (part.Start.TryGetProperty("resumes", out var resumes) ? resumes : part.Start.GetProperty("tag")).GetString()!;
}
