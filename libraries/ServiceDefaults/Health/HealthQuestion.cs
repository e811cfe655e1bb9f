using System.Net;
using Microsoft.Extensions.Configuration;

namespace CallMirror.ServiceDefaults.Health;

/// <summary>Asks the service that runs with the same settings how it is: a health check for containers that have no other program for it.</summary>
internal static class HealthQuestion
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Prints what it says and returns 0 where it is healthy or degraded, else 1.</summary>
    public static async Task<int> AskAsync(IConfiguration configuration, int defaultPort, TextWriter output)
    {
        var options = new HealthOptions { Port = defaultPort };
        configuration.GetSection(HealthOptions.Section).Bind(options);
        using var client = new HttpClient { Timeout = Timeout };
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://{Reachable(options.Host)}:{options.Port}/health"));
            await output.WriteLineAsync(await answer.Content.ReadAsStringAsync());
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await output.WriteLineAsync($"no answer: {e.Message}");
            return 1;
        }
    }

    private static string Reachable(string host) => IPAddress.TryParse(host, out var address) switch
    {
        true when address.Equals(IPAddress.Any) => "127.0.0.1",
        true when address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 =>
            $"[{(address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address)}]",
        _ => host,
    };
}
