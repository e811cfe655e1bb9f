using System.Net;
using System.Text.Json;
using CallMirror.AllInOne.Processes;
using CallMirror.TestKit.Broker;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary>What the services say of themselves while their broker goes down and comes back, or does not let them in.</summary>
[Collection(OneAtATime.Name)]
public sealed class BrokerAwayTests
{
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task Each_service_is_unhealthy_with_a_reason_while_the_broker_is_down_and_alive_all_the_time()
    {
        await using var broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        using var fleet = new ServiceFleet(broker.Uri);
        using var load = new SmallLoad(calls: 1, seconds: 1);
        var services = await StartAsync(fleet, folder, load);
        var before = await AllAsync(services, HttpStatusCode.OK);
        Assert.All(before, Assert.Empty);

        await broker.KillAsync();
        var reasons = await AllAsync(services, HttpStatusCode.ServiceUnavailable);
        Assert.All(reasons, reason => Assert.Contains("RabbitMQ at 127.0.0.1", reason, StringComparison.Ordinal));

        await broker.RestartAsync(TestContext.Current.CancellationToken);
        await AllAsync(services, HttpStatusCode.OK);
        foreach (var service in services)
            Assert.Equal(0, await service.Child.StopAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_wrong_password_is_one_sentence_of_each_service_and_no_storm()
    {
        await using var broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        using var fleet = new ServiceFleet(broker.Uri.Replace(RabbitMqBroker.Password, "not-the-one", StringComparison.Ordinal));
        using var load = new SmallLoad(calls: 1, seconds: 1);
        var services = await StartAsync(fleet, folder, load);
        foreach (var service in services)
            await ServiceFleet.SaysAsync(service.Child, new("refuses the user"));
        await Task.Delay(Watched, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.All(services, service => Assert.Single(service.Child.Lines, line => line.Contains("refuses the user", StringComparison.Ordinal)));
        // Each has a connection that publishes, one that consumes and one of the control plane; the next attempts come half a minute later.
        int refused = await broker.RefusedLoginsAsync(TestContext.Current.CancellationToken);
        Assert.InRange(refused, services.Count, 4 * services.Count);
    }

    private static async Task<List<Service>> StartAsync(ServiceFleet fleet, TemporaryFolder folder, SmallLoad load)
    {
        using var listener = new ReservedPort();
        string url = $"ws://127.0.0.1:{listener.Number}/";
        List<Service> services =
        [
            new(() => fleet.Start("CallMirror.Capture", ("Capture__File", load.Capture), ("Capture__Replay", "true"))),
            new(() => fleet.StartSipTracker(folder["calls.db"])),
            new(fleet.StartTranscoder),
            new(() => fleet.Start("CallMirror.WsGateway", ("Gateway__Url", url))),
        ];
        foreach (var service in services)
            await ServiceFleet.HealthAsync(service.Child);
        return services;
    }

    // The reasons of all, once all answer with the code; each is alive then.
    private static async Task<List<string>> AllAsync(List<Service> services, HttpStatusCode code)
    {
        var reasons = new List<string>();
        foreach (var service in services)
        {
            string reason = "";
            await Eventually.HoldsAsync(
                async () =>
                {
                    (var answered, reason) = await AskAsync(await service.AddressAsync("health"));
                    return answered == code;
                },
                $"{service.Child.Name} answers {code}");
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(await service.AddressAsync("alive"))).Code);
            reasons.Add(reason);
        }

        return reasons;
    }

    private static async Task<(HttpStatusCode Code, string Reasons)> AskAsync(Uri address)
    {
        using var client = new HttpClient();
        using var answer = await GetAsync(client, address);
        if (answer is null)
            return (default, "it has ended");
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var unhealthy = json.RootElement.TryGetProperty("checks", out var checks)
            ? checks.EnumerateObject().Where(check => check.Value.GetProperty("status").GetString() == "unhealthy").Select(check => check.Value.GetProperty("reason").GetString())
            : [];
        return (answer.StatusCode, string.Join("; ", unhealthy));
    }

    private static async Task<HttpResponseMessage?> GetAsync(HttpClient client, Uri address)
    {
        try
        {
            return await client.GetAsync(address, TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>A service that is started again where it ends because its control plane hangs, as its restart policy would do.</summary>
    private sealed class Service(Func<ServiceChild> start)
    {
        public ServiceChild Child { get; private set; } = start();

        public async Task<Uri> AddressAsync(string path)
        {
            if (Child.Ended.IsCompleted)
            {
                Assert.Contains(Child.Lines, line => line.Contains("The control plane hangs", StringComparison.Ordinal));
                Child = start();
            }

            return new Uri(await ServiceFleet.HealthAsync(Child), path);
        }
    }
}
