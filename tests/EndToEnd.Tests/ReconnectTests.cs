using CallMirror.WsSink;
using Microsoft.Extensions.Logging.Abstractions;

namespace CallMirror.EndToEnd.Tests;

/// <summary>A listener that goes away and comes back in mid call loses nothing and gets nothing twice.</summary>
public sealed class ReconnectTests : IDisposable
{
    private const string Capture = "bridge-pcma";

    private readonly TemporaryFolder _whole = new();
    private readonly TemporaryFolder _parts = new();

    private static AllInOne.Commands.Input Faster => Runs.Capture(Capture) with { Speed = 4 };

    public void Dispose()
    {
        _whole.Dispose();
        _parts.Dispose();
    }

    [Fact]
    public async Task A_sink_that_is_restarted_stores_the_bytes_of_an_undisturbed_run()
    {
        await Runs.ToSinkAsync(Runs.Capture(Capture), _whole.Path);
        var sink = await StartSinkAsync(port: 0);
        var url = sink.WebSocketUri;
        var run = Runs.ToListenerAsync(Faster, url);

        await Eventually.HoldsAsync(() => Sidecar.StoredSamples(_parts.Path) >= 4 * 16000, "a second of each stream is stored");
        await sink.DisposeAsync();
        sink = await StartSinkAsync(url.Port);
        var result = await run;
        await sink.AllStreamsEndedAsync(TestContext.Current.CancellationToken);
        await sink.DisposeAsync();

        Assert.Equal(0, result.ExitCode);
        Assert.All(result.Report.Streams, stream => Assert.InRange(stream.GetProperty("pushed")[0].GetProperty("reconnects").GetInt32(), 1, int.MaxValue));
        SameFiles.Assert(_whole.Path, _parts.Path);
        Assert.All(Sidecar.ReadAll(_parts.Path).Values, call =>
        {
            Assert.All(call.Streams, stream => Assert.Equal("bye", stream.GetProperty("end_reason").GetString()));
            Assert.Empty(call.Events("gap", role: 0).Concat(call.Events("gap", role: 1)));
        });
    }

    [Fact]
    public async Task The_two_parts_that_a_plain_listener_has_are_the_whole()
    {
        await Runs.ToSinkAsync(Runs.Capture(Capture), _whole.Path);
        var before = await PlainListener.StartAsync(_parts.Path);
        int port = before.Url.Port;
        var run = Runs.ToListenerAsync(Faster, before.Url);

        await Eventually.HoldsAsync(() => before.SamplesOfEach(4) >= 16000, "a second of each stream has come");
        await before.CloseAsync();
        await before.DisposeAsync();
        await using var after = await PlainListener.StartAsync(_parts.Path, port);
        Assert.Equal(0, (await run).ExitCode);

        Assert.Equal(4, before.Streams.Count);
        foreach (var (tag, first) in before.Streams)
        {
            long next = first.Position + first.Samples;
            var second = after.Streams[$"{tag}.{next}"];
            Assert.Equal((next, tag), (second.Position, second.Start.GetProperty("resumes").GetString()));
            byte[] parts = [.. await ReadAsync($"{tag}.pcm"), .. await ReadAsync($"{tag}.{next}.pcm")];
            Assert.Equal(await File.ReadAllBytesAsync(_whole[$"{tag}.pcm"], TestContext.Current.CancellationToken), parts);
            Assert.True(second.HasEnded);
            Assert.Empty(second.Events("gap"));
        }
    }

    private Task<byte[]> ReadAsync(string name) => File.ReadAllBytesAsync(_parts[name], TestContext.Current.CancellationToken);

    private Task<SinkServer> StartSinkAsync(int port) => SinkServer.StartAsync(
        new SinkOptions { Directory = _parts.Path, Port = port, PagePort = null }, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
}
