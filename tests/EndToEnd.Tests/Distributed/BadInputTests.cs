using System.Text;
using CallMirror.Contracts.Naming;
using RabbitMQ.Client;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>Rubbish on every exchange while a call is up: all of it is set aside under a reason, and the call is whole.</summary>
[Collection(OneAtATime.Name)]
public sealed class BadInputTests(BrokerOfTests broker) : IClassFixture<BrokerOfTests>
{
    private const string DeadMedia = "callmirror.dead";

    // How many queues our services have at each: ws-gateway two, one for the calls that it pushes and one for its list. At StreamQuality none has one.
    private static readonly (string Exchange, string Type, int Queues)[] Control =
    [
        (Exchanges.Sip, "Sip:SipMessageCaptured", 1),
        (Exchanges.MediaFound, "Sip:MediaFound", 1),
        (Exchanges.MediaRunning, "Sip:MediaRunning", 1),
        (Exchanges.SipHandled, "Sip:SipMessageHandled", 1),
        (Exchanges.CallsRequested, "Calls:ActiveCallsRequested", 1),
        ("callmirror.calls.CallStarted", "Calls:CallStarted", 1),
        ("callmirror.calls.CallAnswered", "Calls:CallAnswered", 2),
        ("callmirror.calls.MediaNegotiated", "Calls:MediaNegotiated", 3),
        ("callmirror.calls.CallHeld", "Calls:CallHeld", 2),
        ("callmirror.calls.CallResumed", "Calls:CallResumed", 2),
        ("callmirror.calls.CallEnded", "Calls:CallEnded", 4),
    ];

    [Fact]
    public async Task It_goes_to_the_dead_letters_with_a_reason_and_the_consumers_go_on()
    {
        using var folder = new TemporaryFolder();
        using var load = new SmallLoad(calls: 2, seconds: 5);
        var whole = await load.WholeAsync();
        using var fleet = new ServiceFleet(broker.Uri);
        var (sink, url) = await fleet.StartSinkAsync(folder["audio"]);
        var transcoder = fleet.StartTranscoder();
        var gateway = fleet.Start("CallMirror.WsGateway", ("Gateway__Url", url));
        foreach (var child in new[] { transcoder, gateway, fleet.StartSipTracker(folder["calls.db"]) })
            await ServiceFleet.HealthAsync(child);
        fleet.Start("CallMirror.Capture", ("Capture__File", load.Capture), ("Capture__Replay", "true"));
        await Eventually.HoldsAsync(() => Sidecar.StoredSamples(folder["audio"]) > load.Streams * 8_000, "there is audio of each stream");

        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.Uri) }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(null, TestContext.Current.CancellationToken);
        foreach (var (exchange, type, _) in Control)
        {
            await PublishAsync(channel, exchange, "{\"callId\":1}", $"urn:message:CallMirror.Contracts.{type}");
            await PublishAsync(channel, exchange, "no json at all", $"urn:message:CallMirror.Contracts.{type}");
        }

        await PublishAsync(channel, Exchanges.Rtp, "rubbish", type: null);
        await PublishAsync(channel, Exchanges.Pcm, "rubbish", type: null);

        await Eventually.HoldsAsync(() => ServiceFleet.EndedTags(sink).Count() >= load.Streams, "all streams have ended");
        var control = await DeadAsync(channel, Exchanges.DeadControl, 2 * Control.Sum(one => one.Queues));
        Assert.All(control, letter => Assert.NotEmpty(Header(letter, "MT-Fault-Message")));
        var media = await DeadAsync(channel, DeadMedia, 2);
        Assert.Equal(["callmirror.transcoder", "lane"], media.Select(letter => Header(letter, "queue")).Order());
        Assert.All(media, letter => Assert.NotEmpty(Header(letter, "reason")));
        await fleet.StopAllAsync();
        foreach (var (tag, samples) in whole)
            Assert.Equal(samples, Runs.Samples(Path.Combine(folder["audio"], tag + ".pcm")));
    }

    private static ValueTask PublishAsync(IChannel channel, string exchange, string body, string? type)
    {
        var properties = new BasicProperties();
        if (type is not null)
            (properties.ContentType, properties.Headers) = ("application/json", new Dictionary<string, object?> { ["MT-MessageType"] = type });
        return channel.BasicPublishAsync(exchange, "call-00000@load", mandatory: false, properties, Encoding.UTF8.GetBytes(body), TestContext.Current.CancellationToken);
    }

    // So many, and no more.
    private static async Task<List<BasicGetResult>> DeadAsync(IChannel channel, string queue, int count)
    {
        var letters = new List<BasicGetResult>();
        await Eventually.HoldsAsync(
            async () =>
            {
                while (await channel.BasicGetAsync(queue, autoAck: true, TestContext.Current.CancellationToken) is { } letter)
                    letters.Add(letter);
                return letters.Count >= count;
            },
            $"{count} letters are in {queue}");
        Assert.Equal(count, letters.Count);
        return letters;
    }

    private static string Header(BasicGetResult letter, string name) => Encoding.UTF8.GetString((byte[])letter.BasicProperties.Headers![name]!);
}
