using System.Text.Json;
using System.Text.RegularExpressions;
using CallMirror.EndToEnd.Tests.Distributed;
using CallMirror.TestKit.Broker;

namespace CallMirror.EndToEnd.Tests.Live;

/// <summary>
/// A live run says what its interface hears: nothing, SIP alone, all. The interface is an end of a cable of its own, whose other end is in a network
/// of its own.
/// </summary>
[Collection(OneAtATime.Name)]
public sealed partial class MirrorTests : IDisposable
{
    private const string Sip = "udp port 5060 or udp port 5080";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_says_what_its_interface_hears_and_its_health_says_it_too()
    {
        await using var network = await NetworkNamespace.CreateAsync();
        string device = await network.ConnectOutAsync(NetworkNamespace.Near);
        using var run = CommandLine.StartInteractiveWith(
            ["CallMirror__Capture__SayAfter=00:00:02", "CallMirror__Capture__SayEvery=00:00:01"],
            "run", "--interface", device, "--http", "127.0.0.1:0", "--sink", _folder["sink"]);
        await SaysAsync(run, $"{device}: no packets yet");
        using var client = new HttpClient { BaseAddress = RunHttpTests.AddressIn(run.Errors) };
        Assert.StartsWith($"{device}: no packets yet", await DegradedByAsync(client), StringComparison.Ordinal);

        // Its BYE is missing, so the call is up until it is seen that it has no RTP, however long that takes.
        await Replay.PlayAsync(network, TestData.Capture("bye-missing"), Sip);
        await SaysAsync(run, $"{device}: SIP but no RTP: ");
        await SaysAsync(run, "answered call without a packet");
        Assert.Null(await DegradedByAsync(client));

        await Eventually.HoldsAsync(
            async () =>
            {
                await Replay.PlayAsync(network, TestData.Capture("bridge-pcma"));
                return run.Errors.Contains("SIP and RTP both ways", StringComparison.Ordinal);
            },
            "SIP and RTP both ways are said");
        await run.InterruptAsync();

        Assert.Equal(0, (await run.WaitAsync(TimeSpan.FromSeconds(30))).ExitCode);
    }

    [Fact]
    public async Task The_service_says_it_in_its_log_and_its_health_check_passes()
    {
        await using var broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);
        await using var network = await NetworkNamespace.CreateAsync();
        string device = await network.ConnectOutAsync(NetworkNamespace.Near);
        using var fleet = new ServiceFleet(broker.Uri);
        var capture = fleet.Start("CallMirror.Capture", ("Capture__Interface", device), ("Capture__SayAfter", "00:00:01"));
        var said = await ServiceFleet.SaysAsync(capture, NoPackets());
        using var client = new HttpClient { BaseAddress = await ServiceFleet.HealthAsync(capture) };

        Assert.Equal(device, said.Groups[1].Value);
        Assert.StartsWith($"{device}: no packets yet", await DegradedByAsync(client), StringComparison.Ordinal);
        await fleet.StopAllAsync();
    }

    private static Task SaysAsync(CommandLine run, string sentence) =>
        Eventually.HoldsAsync(() => run.Errors.Contains(sentence, StringComparison.Ordinal), sentence);

    // Degraded is still 200.
    private static async Task<string?> DegradedByAsync(HttpClient client)
    {
        string said = await client.GetStringAsync(new Uri("health", UriKind.Relative), TestContext.Current.CancellationToken);
        using var health = JsonDocument.Parse(said);
        bool isDegraded = health.RootElement.GetProperty("status").GetString() == "degraded";
        return isDegraded ? health.RootElement.GetProperty("checks").GetProperty("mirror").GetProperty("reason").GetString() : null;
    }

    [GeneratedRegex(@"warn: CallMirror\.Capture\.Hearing\.MirrorWatch\[\d+\] (\S+): no packets yet")]
    private static partial Regex NoPackets();
}
