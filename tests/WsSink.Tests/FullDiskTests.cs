using System.Net.WebSockets;
using System.Text.Json.Nodes;
using CallMirror.TestKit;

namespace CallMirror.WsSink.Tests;

/// <summary>A disk that fills, a real one: what is acknowledged is stored, senders are told to try again, and go on when there is room.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int Streams = 6;
    private const int All = 160_000;

    private readonly SmallDisk _disk = new(kilobytes: 4096, free: 200);

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task What_is_acknowledged_is_stored_and_the_rest_goes_on_when_there_is_room()
    {
        Assert.SkipUnless(_disk.IsThere, "this user may not mount a disk of its own");
        var log = new LineLog();
        await using var sink = await SinkFixture.StartAsync(options => options with { WavFiles = false }, _disk.Path, log);

        var acked = new long[Streams];
        for (int i = 0; i < Streams; i++)
            acked[i] = await SendUntilFullAsync(sink, $"call{i}-0");
        for (int i = 0; i < Streams; i++)
            Assert.Equal(SinkClient.Pcm(0, (int)acked[i]), Stored(sink, i));
        Assert.Single(log.Lines, line => line.Contains("is full", StringComparison.Ordinal));
        Assert.True(log.Lines.Count < 10, string.Join('\n', log.Lines));

        _disk.MakeRoom();
        for (int i = 0; i < Streams; i++)
            await GoOnAsync(sink, $"call{i}-0", through: All);
        for (int i = 0; i < Streams; i++)
            Assert.Equal(SinkClient.Pcm(0, All), Stored(sink, i));
    }

    // Where not even its name could be stored, nothing is there yet.
    private static byte[] Stored(SinkFixture sink, int call) => File.Exists(sink.In($"call{call}-0.pcm")) ? sink.Bytes($"call{call}-0.pcm") : [];

    // How far it was acknowledged.
    private static async Task<long> SendUntilFullAsync(SinkFixture sink, string tag)
    {
        using var client = await sink.ConnectAsync();
        await client.SendAsync(SinkClient.Start(tag));
        var sending = SendAllAsync(client);
        long acked = 0;
        while (await client.ReceiveAsync() is { } text)
            acked = (long)text["position"]!;
        Assert.Equal((SinkClient.TryAgainLater, "disk-full"), (client.Socket.CloseStatus, client.Socket.CloseStatusDescription?.Split(':')[0]));
        await client.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        await sending;
        return acked;
    }

    private static async Task SendAllAsync(SinkClient client)
    {
        try
        {
            await client.SendAudioAsync(0, All);
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException or ObjectDisposedException)
        {
            // It has been told to go.
        }
    }

    private static async Task GoOnAsync(SinkFixture sink, string tag, long through)
    {
        using var client = await sink.ConnectAsync();
        await client.SendAsync(SinkClient.Start($"{tag}.0", 0, resumes: tag));
        long from = await client.AckAsync();
        await client.SendAsync(new JsonObject { ["type"] = "continue", ["position"] = from });
        await client.SendAudioAsync(from, (int)Math.Max(0, through - from));
        await client.FinishAsync(through);
    }
}
