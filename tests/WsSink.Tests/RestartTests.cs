using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CallMirror.WsSink.Tests;

public sealed partial class RestartTests : IDisposable
{
    private readonly string _folder = SinkFixture.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_listener_that_was_killed_and_started_again_goes_on_with_the_same_file()
    {
        long stored;
        using (var process = await KilledSink.StartAsync(_folder))
        {
            using var client = await SinkClient.ConnectAsync(process.Uri);
            await client.SendAsync(SinkClient.Start("a-0", 1000));
            await client.AckAsync();
            await client.SendAudioAsync(1000, 20_000);
            await client.SendEventAsync("dtmf", 21_000, "3");
            await client.AckedAsync(17_000);
            process.Kill();
            stored = 1000 + (new FileInfo(Path.Combine(_folder, "a-0.pcm")).Length / 2);
        }
        Assert.InRange(stored, 17_000, 21_000);

        await using var sink = await SinkFixture.StartAsync(folder: _folder);
        using var next = await sink.ConnectAsync();
        await next.SendAsync(SinkClient.Start("a-0.2000", 2000, resumes: "a-0"));
        Assert.Equal(stored, await next.AckAsync());
        await next.SendAsync(new JsonObject { ["type"] = "continue", ["position"] = stored });
        await next.SendAudioAsync(stored, (int)(31_000 - stored));
        await next.SendEventAsync("dtmf", 21_000, "3");
        await next.FinishAsync(31_000);

        Assert.Equal(SinkClient.Pcm(1000, 30_000), sink.Bytes("a-0.pcm"));
        Assert.Equal(SinkClient.Pcm(1000, 30_000), sink.Bytes("a-0.wav")[44..]);
        Assert.Equal(["3"], sink.Sidecar("a").Events.Select(e => e.Digit));
        Assert.Equal(["a-0", "a-0.2000"], Assert.Single(sink.Sidecar("a").Streams).Connections.Select(c => c.Tag));
        Assert.Equal("sip:alice@example.com", sink.Sidecar("a").From);
        await sink.Server.AllStreamsEndedAsync(SinkFixture.Cancel);
    }

    [Fact]
    public async Task One_that_was_killed_between_a_streams_two_files_begins_it_again_under_its_name()
    {
        using (var process = await KilledSink.StartAsync(_folder))
        {
            using var client = await SinkClient.ConnectAsync(process.Uri);
            await client.SendAsync(SinkClient.Start("a-0", 1000));
            await client.AckAsync();
            process.Kill();
        }
        File.Delete(Path.Combine(_folder, "a-0.pcm"));

        await using var sink = await SinkFixture.StartAsync(folder: _folder);
        using var next = await sink.ConnectAsync();
        await next.SendAsync(SinkClient.Start("a-0.1000", 1000, resumes: "a-0"));
        Assert.Equal(1000, await next.AckAsync());
        await next.SendAudioAsync(1000, 320);
        await next.FinishAsync(1320);

        Assert.Equal(SinkClient.Pcm(1000, 320), sink.Bytes("a-0.pcm"));
        Assert.Equal(["a-0.pcm", "a-0.wav", "a.json", "a.wav"], sink.Files());
    }

    [Fact]
    public async Task What_a_killed_listener_left_is_finished_when_nobody_goes_on_with_it()
    {
        using (var process = await KilledSink.StartAsync(_folder))
        {
            using var client = await SinkClient.ConnectAsync(process.Uri);
            await client.SendAsync(SinkClient.Start("a-1", 1000));
            await client.SendAudioAsync(1000, 16_000);
            await client.AckedAsync(17_000);
            process.Kill();
        }
        // Half a sample and half a line, as a kill may leave them.
        await AppendAsync(Path.Combine(_folder, "a-1.pcm"), [0x55]);
        await AppendAsync(Path.Combine(_folder, "a-1.part"), "{\"event\":{\"ty"u8.ToArray());

        await using var sink = await SinkFixture.StartAsync(folder: _folder);
        var finished = SinkFixture.UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(_folder, "a.wav"))));
        sink.Time.Advance(TimeSpan.FromSeconds(61));
        await finished;
        Assert.Equal(SinkClient.Pcm(1000, 16_000), sink.Bytes("a-1.wav")[44..]);
        Assert.Equal("connection-lost", Assert.Single(sink.Sidecar("a").Streams).EndReason);
        Assert.Empty(sink.Server.Snapshot().Calls);
    }

    [Fact]
    public async Task A_listener_that_is_stopped_says_so_and_finishes_what_it_has()
    {
        var sink = await SinkFixture.StartAsync(folder: _folder);
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendAudioAsync(0, 320);
        await sink.StoredAsync("a-0.pcm", 320);
        var closed = client.ClosedAsync();
        await sink.DisposeAsync();
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "stopping"), await closed);
        Assert.Equal("listener-stopped", Assert.Single(sink.Sidecar("a").Streams).EndReason);
        Assert.Equal(SinkClient.Pcm(0, 320), sink.Bytes("a-0.wav")[44..]);

        await using var again = await SinkFixture.StartAsync(folder: _folder);
        Assert.Empty(again.Server.Snapshot().Calls);
        using var next = await again.ConnectAsync();
        await next.SendAsync(SinkClient.Start("a-0.320", 320, resumes: "a-0"));
        Assert.Equal(320, await next.AckAsync());
        await next.SendAudioAsync(320, 320);
        await next.FinishAsync(640);
        Assert.Equal(SinkClient.Pcm(0, 640), again.Bytes("a-0.wav")[44..]);
    }

    private static async Task AppendAsync(string path, byte[] bytes)
    {
        await using var file = new FileStream(path, FileMode.Append);
        await file.WriteAsync(bytes, SinkFixture.Cancel);
    }

    /// <summary>The service as a process of its own, so that it can be killed for real.</summary>
    private sealed partial class KilledSink(Process process, Uri uri) : IDisposable
    {
        public Uri Uri => uri;

        public static async Task<KilledSink> StartAsync(string folder)
        {
            var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "CallMirror.WsSink.dll")])
            {
                RedirectStandardError = true,
                Environment = { ["CallMirror__Sink__Directory"] = folder, ["CallMirror__Sink__Port"] = "0", ["CallMirror__Sink__PagePort"] = "0", ["CallMirror__Health__Port"] = "0" },
            };
            var process = Process.Start(start)!;
            while (await process.StandardError.ReadLineAsync(SinkFixture.Cancel) is { } line)
                if (Listening().Match(line) is { Success: true } match)
                    return new KilledSink(process, new Uri(match.Value));
            throw new InvalidOperationException($"The service ended with {process.ExitCode}.");
        }

        public void Kill()
        {
            process.Kill();
            process.WaitForExit();
        }

        public void Dispose()
        {
            if (!process.HasExited)
                Kill();
            process.Dispose();
        }

        [GeneratedRegex(@"ws://[0-9.]+:\d+/")]
        private static partial Regex Listening();
    }
}
