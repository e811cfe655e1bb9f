using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CallMirror.Contracts.Naming;
using CallMirror.EndToEnd.Tests.Distributed;
using CallMirror.TestKit.Broker;
using CallMirror.TestKit.Contract;
using RabbitMQ.Client;

namespace CallMirror.EndToEnd.Tests.Consumers;

/// <summary>Consumers that stand still or die take nothing from the pipeline, and not more from the broker than their limits.</summary>
[Collection(OneAtATime.Name)]
public sealed partial class HarmlessTests
{
    private const string GuestUri = "amqp://guest:guest@127.0.0.1/";
    private const long Limit = 4_000_000;
    private const int FetchedAhead = 100;
    private const string Last = "the-last-one";

    // In all some 13 MB of L16: what the documented queue may hold, twice over, and a hundred messages of windows that have grown on a busy machine.
    private const int Calls = 10;
    private const int Seconds = 20;

    [Fact]
    public async Task One_that_stands_still_and_one_that_dies_cost_the_listener_not_a_byte_and_the_broker_no_more_than_their_limits()
    {
        using var folder = new TemporaryFolder();
        using var load = new SmallLoad(Calls, Seconds);
        var whole = await load.WholeAsync();
        await using var broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken, management: true);
        using var still = StartDocumented(broker, folder);
        string queue = await BoundQueueAsync(broker);
        still.Freeze();
        using var mortal = ForeignProcess.Example("node", "wav", "#", folder["never.wav"], "--broker", broker.Uri);
        await mortal.SaysAsync("waiting");
        using var fleet = new ServiceFleet(broker.Uri);
        await PlayAsync(fleet, folder, load);

        await Eventually.HoldsAsync(() => Sidecar.StoredSamples(folder["audio"]) >= load.Streams * 16_000, "a second of each stream is stored");
        mortal.Kill();

        await Eventually.HoldsAsync(() => Sidecar.EndedStreams(folder["audio"]) == load.Streams, "all streams have ended");
        foreach (var (tag, samples) in whole)
            Assert.Equal(samples, Runs.Samples(Path.Combine(folder["audio"], tag + ".pcm")));
        var queues = await NamesAsync(broker, "queues");
        Assert.Contains(queue, queues);
        Assert.DoesNotContain(queues, name => name != queue && name.StartsWith("amq.gen", StringComparison.Ordinal));
        AssertOnlyChannels(await NamesAsync(broker, "exchanges"), queues);
        await AssertKeptWithinLimitAsync(still, broker, whole.Values.Sum(samples => (long)samples.Length * sizeof(short)));
        await fleet.StopAllAsync();
    }

    /// <summary>The block of the document as it stands, but for the address.</summary>
    private static ForeignProcess StartDocumented(RabbitMqBroker broker, TemporaryFolder folder)
    {
        string block = Assert.Single(PythonBlock().Matches(File.ReadAllText(Path.Combine(TestData.Root, "docs/consumers.md")))).Groups[1].Value;
        Assert.Equal(10, block.Trim().Split('\n').Length);
        Assert.Contains(GuestUri, block, StringComparison.Ordinal);
        File.WriteAllText(folder["ten_lines.py"], block.Replace(GuestUri, broker.Uri, StringComparison.Ordinal));
        return ForeignProcess.Python(folder["ten_lines.py"]);
    }

    private static async Task PlayAsync(ServiceFleet fleet, TemporaryFolder folder, SmallLoad load)
    {
        var (_, url) = await fleet.StartSinkAsync(folder["audio"]);
        foreach (var child in new[] { fleet.Start("CallMirror.WsGateway", ("Gateway__Url", url)), fleet.StartTranscoder(), fleet.StartSipTracker(folder["calls.db"]) })
            await ServiceFleet.HealthAsync(child);
        fleet.Start("CallMirror.Capture", ("Capture__File", load.Capture), ("Capture__Replay", "true"));
    }

    /// <summary>The one queue at the broker, once it is bound.</summary>
    private static async Task<string> BoundQueueAsync(RabbitMqBroker broker)
    {
        string? queue = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                using var json = JsonDocument.Parse(await broker.ManagementAsync(HttpMethod.Get, "bindings/%2F", TestContext.Current.CancellationToken));
                var binding = json.RootElement.EnumerateArray().FirstOrDefault(each => each.GetProperty("source").GetString() == Exchanges.Pcm);
                queue = binding.ValueKind == JsonValueKind.Object ? binding.GetProperty("destination").GetString() : null;
                return queue is not null;
            },
            "the documented queue is bound");
        return queue!;
    }

    // It goes on, and prints what was kept for it: the newest, and no more of it than the limit and what it had fetched.
    private static async Task AssertKeptWithinLimitAsync(ForeignProcess still, RabbitMqBroker broker, long said)
    {
        await using (var connection = await new ConnectionFactory { Uri = new Uri(broker.Uri) }.CreateConnectionAsync(TestContext.Current.CancellationToken))
        await using (var channel = await connection.CreateChannelAsync(null, TestContext.Current.CancellationToken))
            await channel.BasicPublishAsync(Exchanges.Pcm, Last, new byte[1], TestContext.Current.CancellationToken);
        Assert.Empty(still.Lines);
        still.Thaw();
        await still.SaysAsync(Last);
        var kept = still.Lines.Select(line => long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)).ToList();
        // What it had fetched comes first; the rest is what the queue had at the end.
        Assert.InRange(kept.Skip(FetchedAhead).Sum(), Limit / 2, Limit);
        Assert.True(kept.Sum() < said, $"{kept.Sum()} of {said} bytes have come: the limit was never reached");
    }

    private static void AssertOnlyChannels(List<string> exchanges, List<string> queues)
    {
        // MassTransit gives each queue an exchange of its name.
        var ours = exchanges.Where(name => name.StartsWith("callmirror.", StringComparison.Ordinal)).ToList();
        Assert.Empty(ours.Except(ContractFile.Exchanges.Keys).Except(queues));
        Assert.Contains(Exchanges.Pcm, ours);
    }

    private static async Task<List<string>> NamesAsync(RabbitMqBroker broker, string kind)
    {
        using var json = JsonDocument.Parse(await broker.ManagementAsync(HttpMethod.Get, $"{kind}/%2F", TestContext.Current.CancellationToken));
        return [.. json.RootElement.EnumerateArray().Select(each => each.GetProperty("name").GetString()!)];
    }

    [GeneratedRegex("```python\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex PythonBlock();
}
