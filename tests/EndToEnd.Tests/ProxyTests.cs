namespace CallMirror.EndToEnd.Tests;

/// <summary>A listener that only an HTTP proxy reaches, by an option and by the environment.</summary>
public sealed class ProxyTests
{
    private const string Capture = "bridge-pcma";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_reaches_it_and_its_own_sink_at_once(bool byOption)
    {
        using var folder = new TemporaryFolder();
        await using var listener = await PlainListener.StartAsync(Directory.CreateDirectory(folder["listener"]).FullName);
        using var proxy = new TestProxy(listener.Url.Port);
        string url = $"http://127.0.0.1:{proxy.Port}";
        string[] run = ["run", "--pcap", TestData.Capture(Capture), "--speed", "max", "--push", "ws://listener.invalid:8080/audio", "--sink", folder["sink"]];

        var result = byOption ? await CommandLine.RunAsync([.. run, "--proxy", url]) : await CommandLine.RunAsync([("http_proxy", url)], run);

        Assert.True(result.ExitCode == 0, result.Errors);
        // The sink's own connections, on loopback, are none of the proxy's business.
        Assert.All(proxy.Requests, head => Assert.StartsWith("CONNECT listener.invalid:8080 ", head, StringComparison.Ordinal));
        Runs.AssertExact(GroundTruth.Read(TestData.Capture(Capture)), Runs.DecodedStreams(folder["listener"]));
        Runs.AssertExact(GroundTruth.Read(TestData.Capture(Capture)), Runs.DecodedStreams(folder["sink"]));
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_said_at_the_start()
    {
        using var port = new ReservedPort();
        var result = await CommandLine.RunAsync(
            "run", "--pcap", TestData.Capture(Capture), "--speed", "max", "--push", "ws://listener.invalid:8080", "--proxy", $"http://127.0.0.1:{port.Number}");

        Assert.Equal(
            $"callmirror: no listener at ws://listener.invalid:8080/: the proxy at 127.0.0.1:{port.Number}: connection refused", result.AssertFailed());
    }
}
