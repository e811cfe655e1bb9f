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
        var services = await StartAsync(fleet, folder);
        var before = await AllAsync(services, HttpStatusCode.OK);
        Assert.All(before, Assert.Empty);

        await broker.KillAsync();
        var reasons = await AllAsync(services, HttpStatusCode.ServiceUnavailable);
        Assert.All(reasons, reason => Assert.Contains("RabbitMQ at 127.0.0.1", reason, StringComparison.Ordinal));

        await broker.RestartAsync(TestContext.Current.CancellationToken);
        await AllAsync(services, HttpStatusCode.OK);
        await fleet.StopAllAsync();
    }

    [Fact]
    public async Task A_wrong_password_is_one_sentence_of_each_service_and_no_storm()
    {
        await using var broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        using var fleet = new ServiceFleet(broker.Uri.Replace(RabbitMqBroker.Password, "not-the-one", StringComparison.Ordinal));
        var services = await StartAsync(fleet, folder);
        foreach (var service in services)
            await ServiceFleet.SaysAsync(service, new("refuses the user"));
        await Task.Delay(Watched, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.All(services, service => Assert.Single(service.Lines, line => line.Contains("refuses the user", StringComparison.Ordinal)));
        // Each has a connection that publishes, one that consumes and one of the control plane; the next attempts come half a minute later.
        int refused = await broker.RefusedLoginsAsync(TestContext.Current.CancellationToken);
        Assert.InRange(refused, services.Count, 4 * services.Count);
    }

    private static async Task<List<ServiceChild>> StartAsync(ServiceFleet fleet, TemporaryFolder folder)
    {
        using var listener = new ReservedPort();
        using var load = new SmallLoad(calls: 1, seconds: 1);
        List<ServiceChild> services =
        [
            fleet.Start("CallMirror.Capture", ("Capture__File", load.Capture), ("Capture__Replay", "true")),
            fleet.StartSipTracker(folder["calls.db"]),
            fleet.StartTranscoder(),
            fleet.Start("CallMirror.WsGateway", ("Gateway__Url", $"ws://127.0.0.1:{listener.Number}/")),
        ];
        foreach (var service in services)
            await ServiceFleet.HealthAsync(service);
        return services;
    }

    // The reasons of all, once all answer with the code; each is alive then.
    private static async Task<List<string>> AllAsync(List<ServiceChild> services, HttpStatusCode code)
    {
        var reasons = new List<string>();
        foreach (var service in services)
        {
            var address = await ServiceFleet.HealthAsync(service);
            string reason = "";
            await Eventually.HoldsAsync(
                async () =>
                {
                    (var answered, reason) = await AskAsync(new Uri(address, "health"));
                    return answered == code;
                },
                $"{service.Name} answers {code}");
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(new Uri(address, "alive"))).Code);
            reasons.Add(reason);
        }

        return reasons;
    }

    private static async Task<(HttpStatusCode Code, string Reasons)> AskAsync(Uri address)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(address, TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var unhealthy = json.RootElement.TryGetProperty("checks", out var checks)
            ? checks.EnumerateObject().Where(check => check.Value.GetProperty("status").GetString() == "unhealthy").Select(check => check.Value.GetProperty("reason").GetString())
            : [];
        return (answer.StatusCode, string.Join("; ", unhealthy));
    }
}
