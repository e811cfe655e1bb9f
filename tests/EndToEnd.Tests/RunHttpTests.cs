using System.Net;
using System.Text.RegularExpressions;

namespace CallMirror.EndToEnd.Tests;

/// <summary><c>run --http</c>: health, metrics and a page, while it runs.</summary>
public sealed partial class RunHttpTests : IDisposable
{
    private static readonly TimeSpan CleanStop = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Where a run says that it can be asked.</summary>
    public static Uri? AddressIn(string errors) => Said().Match(errors) is { Success: true } said ? new Uri(said.Groups[1].Value) : null;

    [Fact]
    public async Task A_run_serves_its_health_the_metrics_of_all_its_parts_and_the_page_of_its_listener()
    {
        using var run = CommandLine.StartInteractive(
            "run", "--pcap", TestData.Capture("bridge-pcma"), "--sink", _folder["sink"], "--http", "127.0.0.1:0");
        using var client = await ClientAsync(run);

        Assert.Contains("\"status\":\"healthy\"", await GetAsync(client, "health"), StringComparison.Ordinal);
        Assert.Contains("\"status\":\"healthy\"", await GetAsync(client, "alive"), StringComparison.Ordinal);
        Assert.Contains("page.js", await GetAsync(client, ""), StringComparison.Ordinal);
        Assert.NotEmpty(await GetAsync(client, "page.js"));
        await Eventually.HoldsAsync(
            async () => (await GetAsync(client, "api/calls")).Contains("\"live\"", StringComparison.Ordinal), "the page shows the call");
        var families = Exposition.Read(await GetAsync(client, "metrics"));
        string[] parts =
        [
            "callmirror_capture_packets", "callmirror_sip_tracker_", "callmirror_transcoder_", "callmirror_gateway_", "callmirror_sink_", "dotnet_",
        ];
        Assert.All(
            parts,
            part => Assert.Contains(families.Keys, name => name.StartsWith(part, StringComparison.Ordinal)));
        await run.InterruptAsync();

        Assert.Equal(0, (await run.WaitAsync(CleanStop)).ExitCode);
    }

    [Fact]
    public async Task Without_a_listener_of_its_own_it_says_how_far_it_is()
    {
        await using var listener = await PlainListener.StartAsync(_folder.Path);
        using var run = CommandLine.StartInteractive(
            "run", "--pcap", TestData.Capture("bridge-pcma"), "--push", listener.Url.ToString(), "--http", "localhost:0");
        using var client = await ClientAsync(run);

        Assert.Matches(@"^callmirror run\n\d+ packets \(\d+ %\), \d+ calls up, \d+ seen\n/health, /metrics\n$", await GetAsync(client, ""));
        using var files = await client.GetAsync(new Uri("api/calls", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, files.StatusCode);
        await run.InterruptAsync();

        Assert.Equal(0, (await run.WaitAsync(CleanStop)).ExitCode);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said()
    {
        await using var other = await PlainListener.StartAsync(_folder.Path);

        var result = await CommandLine.RunAsync(
            "run", "--pcap", TestData.Capture("busy"), "--sink", _folder["sink"], "--http", $"127.0.0.1:{other.Url.Port}");

        Assert.Contains("address already in use", result.AssertFailed(), StringComparison.Ordinal);
    }

    private static async Task<HttpClient> ClientAsync(CommandLine run)
    {
        await Eventually.HoldsAsync(() => AddressIn(run.Errors) is not null, "it says where it can be asked");
        return new HttpClient { BaseAddress = AddressIn(run.Errors) };
    }

    private static Task<string> GetAsync(HttpClient client, string path) =>
        client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    [GeneratedRegex(@"^health, metrics and the page are at (http://\S+)$", RegexOptions.Multiline)]
    private static partial Regex Said();
}
