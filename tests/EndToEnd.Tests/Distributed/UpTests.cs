using System.Text.RegularExpressions;
using CallMirror.TestKit.Broker;

namespace CallMirror.EndToEnd.Tests.Distributed;

/// <summary><c>callmirror up</c> as a developer uses it: one command, five processes, one log.</summary>
[Collection(OneAtATime.Name)]
public sealed class UpTests
{
    private static readonly string[] Services = ["sink", "gateway", "transcoder-1", "transcoder-2", "sip-tracker", "capture"];
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

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
        await up.InterruptAsync();
        var ended = await up.WaitAsync(StopLimit);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        SameFiles.Assert(embedded.Path, distributed.Path);
        Assert.All(Services, service => Assert.Contains(ended.OutputLines, line => line.StartsWith(service + ": ", StringComparison.Ordinal)));
        Assert.All(Services.Skip(1), service => Assert.Single(Unreachable(service).Matches(ended.Output)));
        Assert.Contains("up: capture has read all of its source", ended.OutputLines);
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
