using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CallMirror.WsSink.Tests;

public sealed class OptionsTests
{
    [Fact]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        var wrong = new SinkOptions
        {
            Directory = " ", Host = "nowhere", Port = 70_000, PagePort = -1, MaxConnections = 0, MaxMessageBytes = 1, RecentCalls = -1,
            MaxHole = TimeSpan.Zero, StartTimeout = TimeSpan.FromDays(2), IdleTimeout = -TimeSpan.FromSeconds(1),
        };
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(wrong));
        Assert.Equal(10, error.Failures.Count());
    }

    [Fact]
    public async Task Both_ports_can_not_be_the_same()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(new SinkOptions { Port = 9000, PagePort = 9000 }));
        Assert.Equal("Port and PagePort must differ; both are 9000.", Assert.Single(error.Failures));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_in_a_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var folder = SinkFixture.NewFolder();
        var options = new SinkOptions { Directory = folder, Port = ((IPEndPoint)taken.LocalEndpoint).Port, PagePort = null };
        var error = await Assert.ThrowsAsync<IOException>(() => StartAsync(options));
        Assert.Contains("address already in use", error.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Two_listeners_can_not_share_a_folder()
    {
        await using var sink = await SinkFixture.StartAsync();
        var error = await Assert.ThrowsAsync<IOException>(() => SinkFixture.StartAsync(folder: sink.Folder));
        Assert.EndsWith("is in use by another listener.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_page_port_there_is_no_page()
    {
        await using var sink = await SinkFixture.StartAsync(options => options with { PagePort = null });
        Assert.Null(sink.Server.PageUri);
        using var client = await sink.StartStreamAsync("a-0");
        await client.FinishAsync(0);
    }

    private static Task<SinkServer> StartAsync(SinkOptions options) =>
        SinkServer.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, SinkFixture.Cancel);
}
