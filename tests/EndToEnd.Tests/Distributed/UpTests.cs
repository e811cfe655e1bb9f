using System.Text.RegularExpressions;
using CallMirror.TestKit.Broker;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary><c>callmirror up</c> as a developer uses it: one command, five processes, one log.</summary>
[Collection(OneAtATime.Name)]
public sealed class UpTests
{
    private static readonly string[] Services = ["sink", "gateway", "transcoder-1", "transcoder-2", "sip-tracker", "capture"];
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task It_waits_for_the_broker_gives_the_same_files_as_one_process_and_ends_on_ctrl_c()
    {
        await using var broker = RabbitMqBroker.NotStarted();
        using var embedded = new TemporaryFolder();
        using var distributed = new TemporaryFolder();
        Assert.Equal(0, (await Runs.ToSinkAsync(Runs.Capture("bridge-pcma"), embedded.Path)).ExitCode);
        using var up = CommandLine.StartInteractive(
            "up", "--broker", broker.Uri, "--pcap", TestData.Capture("bridge-pcma"), "--speed", "max", "--sink", distributed.Path, "--transcoders", "2");
        await Eventually.HoldsAsync(() => Services.Skip(1).All(service => Unreachable(service).IsMatch(up.Output)), "all have said that there is no broker");

        await broker.RestartAsync(TestContext.Current.CancellationToken);

        int streams = Directory.GetFiles(embedded.Path, "*.pcm").Length;
        await Eventually.HoldsAsync(() => Sidecar.EndedStreams(distributed.Path) == streams, "all streams have ended");
        await Eventually.HoldsAsync(() => up.Output.Contains("up: capture has read all of its source\n", StringComparison.Ordinal), "the capture has ended by itself");
        await up.InterruptAsync();
        var ended = await up.WaitAsync(StopLimit);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        SameFiles.Assert(embedded.Path, distributed.Path);
        Assert.All(Services, service => Assert.Contains(ended.OutputLines, line => line.StartsWith(service + ": ", StringComparison.Ordinal)));
        Assert.All(Services.Skip(1), service => Assert.Single(Unreachable(service).Matches(ended.Output)));
        Assert.DoesNotContain("exit code", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_mid_call_it_ends_on_sigterm_and_every_stream_with_it()
    {
        await using var broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        using var up = CommandLine.StartInteractive("up", "--broker", broker.Uri, "--pcap", TestData.Capture("bridge-pcma"), "--sink", folder.Path);
        await Eventually.HoldsAsync(() => Sidecar.StoredSamples(folder.Path) > 0, "there is audio");

        await up.TerminateAsync();
        var ended = await up.WaitAsync(StopLimit);

        Assert.True((ended.ExitCode, ended.Errors) == (0, ""), $"{ended.Errors}{ended.Output}");
        Assert.DoesNotContain("exit code", ended.Output, StringComparison.Ordinal);
        Assert.Equal(Directory.GetFiles(folder.Path, "*.pcm").Length, Sidecar.EndedStreams(folder.Path));
    }

    [Fact]
    public async Task A_listener_beside_the_sink_gets_the_same_bytes_with_the_token_and_the_headers_in_its_requests()
    {
        await using var broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);
        using var sink = new TemporaryFolder();
        using var plain = new TemporaryFolder();
        await using var listener = await PlainListener.StartAsync(plain.Path);
        using var up = CommandLine.StartInteractive(
            "up", "--broker", broker.Uri, "--pcap", TestData.Capture("bridge-pcma"), "--speed", "max", "--sink", sink.Path,
            "--push", listener.Url.ToString(), "--bearer", "secret", "--header", "x-tenant: b", "--header", $"{PlainListener.TenantHeader}: a");

        await Eventually.HoldsAsync(() => listener.Ended.Count > 0 && listener.Ended.Count == Sidecar.EndedStreams(sink.Path), "all streams have ended at both");
        await up.TerminateAsync();
        var ended = await up.WaitAsync(StopLimit);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        SameFiles.Assert(sink.Path, plain.Path);
        Assert.All(listener.Authorizations, header => Assert.Equal("Bearer secret", header));
        Assert.All(listener.Tenants, header => Assert.Equal("a", header));
        Assert.DoesNotContain("secret", ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_listener_alone_there_is_no_sink()
    {
        await using var broker = await RabbitMqBroker.StartAsync(TestContext.Current.CancellationToken);
        using var embedded = new TemporaryFolder();
        using var plain = new TemporaryFolder();
        using var working = new TemporaryFolder();
        Assert.Equal(0, (await Runs.ToSinkAsync(Runs.Capture("bridge-pcma"), embedded.Path)).ExitCode);
        await using var listener = await PlainListener.StartAsync(plain.Path);
        using var up = CommandLine.StartInteractiveIn(
            working.Path, "up", "--broker", broker.Uri, "--pcap", TestData.Capture("bridge-pcma"), "--speed", "max", "--push", listener.Url.ToString());

        int streams = Directory.GetFiles(embedded.Path, "*.pcm").Length;
        await Eventually.HoldsAsync(() => listener.Ended.Count == streams, "all streams have ended");
        await up.TerminateAsync();
        var ended = await up.WaitAsync(StopLimit);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        SameFiles.Assert(embedded.Path, plain.Path);
        Assert.DoesNotContain(ended.OutputLines, line => line.StartsWith("sink: ", StringComparison.Ordinal));
        Assert.All(Directory.GetFileSystemEntries(working.Path), path => Assert.StartsWith("calls.db", Path.GetFileName(path), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--push http://127.0.0.1:1/")]
    [InlineData("--push nonsense")]
    [InlineData("--push ws://name:secret@127.0.0.1/")]
    [InlineData("--push ws://127.0.0.1:1/x")]
    [InlineData("--push ws://127.0.0.1:1 --header nonsense")]
    [InlineData("--push ws://127.0.0.1:1 --header X(Y:1")]
    [InlineData("--push ws://127.0.0.1:1 --bearer \u0001")]
    public async Task What_is_wrong_with_the_listener_is_said_as_run_says_it(string options)
    {
        using var folder = new TemporaryFolder();
        string[] rest = ["--pcap", TestData.Capture("bridge-pcma"), "--sink", folder.Path, .. options.Split(' ')];

        var run = await CommandLine.RunAsync(["run", .. rest]);
        var up = await CommandLine.RunAsync(["up", "--broker", "amqp://127.0.0.1:1/", .. rest]);

        Assert.Equal(run.AssertFailed(), up.AssertFailed());
        Assert.Empty(up.Output);
    }

    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("127.0.0.1:5672")]
    public async Task A_broker_that_is_no_amqp_uri_is_one_sentence_and_nothing_is_started(string broker)
    {
        using var folder = new TemporaryFolder();
        var result = await CommandLine.RunAsync("up", "--broker", broker, "--pcap", TestData.Capture("bridge-pcma"), "--sink", folder.Path);

        Assert.Contains("amqp://user:password@host:5672/vhost", result.AssertFailed(), StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    private static Regex Unreachable(string service) => new($"^{service}: .*RabbitMQ at 127.0.0.1:[0-9]+ can't be reached", RegexOptions.Multiline);
}
