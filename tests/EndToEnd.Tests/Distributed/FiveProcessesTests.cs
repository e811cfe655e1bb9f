using System.Net;
using System.Text.Json;
using CallMirror.AllInOne.Processes;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>The five services as five processes with a real RabbitMQ between them.</summary>
[Collection(OneAtATime.Name)]
public sealed class FiveProcessesTests(BrokerOfTests broker) : IClassFixture<BrokerOfTests>
{
    [Theory]
    [InlineData("bridge-pcma", 1)]
    [InlineData("hold-resume", 3)]
    public async Task A_capture_gives_the_same_files_as_in_one_process(string capture, int transcoders)
    {
        using var embedded = new TemporaryFolder();
        using var distributed = new TemporaryFolder();
        using var state = new TemporaryFolder();
        Assert.Equal(0, (await Runs.ToSinkAsync(Runs.Capture(capture), embedded.Path)).ExitCode);

        using var fleet = new ServiceFleet(broker.Uri);
        var (sink, url) = await fleet.StartSinkAsync(distributed.Path);
        var gateway = fleet.StartGateway(url);
        for (int i = 0; i < transcoders; i++)
            fleet.StartTranscoder();
        fleet.StartSipTracker(state["calls.db"]);
        var source = fleet.StartCapture(TestData.Capture(capture), "max");

        Assert.True(await source.Ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken) == 0, string.Join('\n', source.Lines));
        int streams = Directory.GetFiles(embedded.Path, "*.pcm").Length;
        await Eventually.HoldsAsync(() => ServiceFleet.EndedTags(sink).Count() >= streams, "all streams have ended");
        Assert.Equal(streams / 2, source.Lines.Count(line => line.Contains(" captured (", StringComparison.Ordinal)));
        await fleet.StopAllAsync();
        Assert.All(gateway.Lines.Where(line => ServiceFleet.EndedLine().IsMatch(line)), line => Assert.Contains(" 0 gaps", line, StringComparison.Ordinal));
        SameFiles.Assert(embedded.Path, distributed.Path);
        Assert.Equal(streams, ServiceFleet.EndedTags(sink).Count());
    }

    [Fact]
    public async Task Each_service_is_healthy_shows_its_metrics_while_a_call_goes_through_and_ends_on_sigterm()
    {
        using var folder = new TemporaryFolder();
        using var fleet = new ServiceFleet(broker.Uri);
        var (sink, url) = await fleet.StartSinkAsync(folder["audio"]);
        var gateway = fleet.StartGateway(url);
        var transcoder = fleet.StartTranscoder();
        var tracker = fleet.StartSipTracker(folder["calls.db"]);
        var capture = fleet.Start("CallMirror.Capture", ("Capture__File", TestData.Capture("bridge-pcma")), ("Capture__Replay", "true"));

        ServiceChild[] services = [sink, gateway, transcoder, tracker, capture];
        foreach (var service in services)
        {
            var address = await ServiceFleet.HealthAsync(service);
            await Eventually.HoldsAsync(async () => (await AskAsync(new Uri(address, "health"))).Status == "healthy", $"{service.Name} is healthy");
            Assert.Equal((HttpStatusCode.OK, "healthy"), await AskAsync(new Uri(address, "alive")));
        }

        await Eventually.HoldsAsync(() => ServiceFleet.EndedTags(sink).Count() >= 4, "all four streams have ended");
        var metrics = new ScrapedMetrics();
        foreach (var service in services)
            await metrics.ScrapeAsync(service);
        metrics.AreThoseOfACall(capture, tracker, transcoder, gateway, sink);

        await fleet.StopAllAsync();
    }

    [Fact]
    public async Task A_gateway_without_a_listener_is_degraded_and_says_so()
    {
        using var port = new ReservedPort();
        using var fleet = new ServiceFleet(broker.Uri);
        var gateway = fleet.StartGateway($"ws://127.0.0.1:{port.Number}/");
        var address = await ServiceFleet.HealthAsync(gateway);

        await Eventually.HoldsAsync(async () => (await AskAsync(new Uri(address, "health"))).Status == "degraded", "the gateway is degraded");

        await fleet.StopAllAsync();
    }

    private static async Task<(HttpStatusCode Code, string? Status)> AskAsync(Uri address)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(address, TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (answer.StatusCode, json.RootElement.GetProperty("status").GetString());
    }
}
