using System.Net.WebSockets;
using System.Text.Json.Nodes;

namespace CallMirror.WsSink.Tests;

/// <summary>The plainest sender: a text with a Call-ID and a tag, audio, and an end.</summary>
public sealed class PlainSenderTests
{
    [Theory]
    [InlineData("call-42")]
    [InlineData("no-role")]
    [InlineData("x-2")]
    [InlineData("-0")]
    [InlineData("a.b_c@d+e=f")]
    public async Task What_it_sends_is_stored_under_its_tag(string tag)
    {
        await using var sink = await SinkFixture.StartAsync();

        await SendAsync(sink, new JsonObject { ["call_id"] = "42", ["tag"] = tag }, position: 0, samples: 16_100);

        Assert.Equal(SinkClient.Pcm(0, 16_100), sink.Bytes(tag + ".pcm"));
        Assert.Equal([$"{tag}.json", $"{tag}.pcm", $"{tag}.wav"], sink.Files().Order(StringComparer.Ordinal));
        var stream = Assert.Single(sink.Sidecar(tag).Streams);
        Assert.Equal((tag, 0, "unknown", tag + ".wav"), (stream.Tag, stream.Role, stream.EndReason, stream.Wav));
        Assert.Equal("42", sink.Sidecar(tag).CallId);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("start")]
    public async Task A_second_run_is_a_second_take(string? type)
    {
        await using var sink = await SinkFixture.StartAsync();
        for (int run = 0; run < 2; run++)
            await SendAsync(sink, new JsonObject { ["type"] = type, ["call_id"] = "42", ["tag"] = "call" }, position: 0, samples: 3200 + run);

        Assert.Equal(SinkClient.Pcm(0, 3200), sink.Bytes("call.pcm"));
        Assert.Equal(SinkClient.Pcm(0, 3201), sink.Bytes("call.2.pcm"));
    }

    [Fact]
    public async Task A_stream_without_a_role_and_a_call_with_roles_of_the_same_name_touch_nothing_of_each_other()
    {
        await using var sink = await SinkFixture.StartAsync();
        await SendAsync(sink, SinkClient.Start("x-0"), position: 0, samples: 1600);
        await SendAsync(sink, new JsonObject { ["call_id"] = "another", ["tag"] = "x" }, position: 0, samples: 1700);
        await SendAsync(sink, SinkClient.Start("x-1"), position: 0, samples: 1800);

        Assert.Equal(SinkClient.Pcm(0, 1600), sink.Bytes("x-0.pcm"));
        Assert.Equal(SinkClient.Pcm(0, 1700), sink.Bytes("x.2.pcm"));
        Assert.Equal(SinkClient.Pcm(0, 1800), sink.Bytes("x-1.pcm"));
        Assert.Equal("x.wav", sink.Sidecar("x").StereoWav);
    }

    [Fact]
    public async Task A_sink_that_was_stopped_goes_on_with_it()
    {
        string folder = SinkFixture.NewFolder();
        await using (var sink = await SinkFixture.StartAsync(folder: folder))
        {
            using var client = await sink.ConnectAsync();
            await client.SendAsync(new JsonObject { ["call_id"] = "42", ["tag"] = "call" });
            await client.SendAudioAsync(0, 16_000);
            await client.AckedAsync(12_800);
            await sink.StoredAsync("call.pcm", 16_000);
        }

        await using (var sink = await SinkFixture.StartAsync(folder: folder))
        {
            await SendAsync(sink, new JsonObject { ["call_id"] = "42", ["tag"] = "call", ["position"] = 16_000 }, position: 16_000, samples: 1600);
            Assert.Equal(SinkClient.Pcm(0, 17_600), sink.Bytes("call.pcm"));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("""{"call_id":"42"}""")]
    [InlineData("""{"tag":"call"}""")]
    public async Task Without_both_names_it_is_refused_with_a_sentence(string text)
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();

        await client.SendTextAsync(text);

        Assert.Equal((WebSocketCloseStatus.InvalidPayloadData, "wrong-field"), await client.ClosedAsync());
        Assert.Empty(sink.Files());
    }

    private static async Task SendAsync(SinkFixture sink, JsonObject start, long position, int samples)
    {
        using var client = await sink.ConnectAsync();
        await client.SendAsync(start);
        await client.SendAudioAsync(position, samples);
        await client.SendAsync(new JsonObject { ["type"] = "end" });
        await client.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, (await client.ClosedAsync()).Status);
    }
}
