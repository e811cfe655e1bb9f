using System.Text.Json.Nodes;

namespace CallMirror.WsSink.Tests;

/// <summary>A call that was found by its media gets its name in mid stream: its files stay what they are.</summary>
public sealed class RenameTests
{
    [Fact]
    public async Task The_name_is_stored_beside_the_one_that_the_files_have()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await StartAsync(sink, "rtp-0");
        await client.SendAudioAsync(0, 320);
        await client.SendAsync(Renamed(320));
        await client.SendAudioAsync(320, 320);
        await client.FinishAsync(640);

        Assert.Equal(SinkClient.Pcm(0, 640), sink.Bytes("rtp-0.pcm"));
        var call = sink.Sidecar("rtp");
        Assert.Equal(("id of rtp", "late@phone", "sip:1@phone", "sip:2@phone"), (call.CallId, call.SipCallId, call.From, call.To));
        var told = Assert.Single(call.Events);
        Assert.Equal(("renamed", 320L, "late@phone"), (told.Type, told.Position, told.CallId));
    }

    [Fact]
    public async Task Told_again_on_the_next_connection_it_is_kept_once()
    {
        await using var sink = await SinkFixture.StartAsync();
        using (var first = await StartAsync(sink, "rtp-0"))
        {
            await first.SendAudioAsync(0, 320);
            await first.SendAsync(Renamed(320));
            await first.SendAudioAsync(320, 6400);
            await first.AckAsync();
            first.Socket.Abort();
        }

        using var second = await sink.ConnectAsync();
        var start = SinkClient.Start("rtp-0.6720", 6720, resumes: "rtp-0");
        await second.SendAsync(start);
        await second.AckAsync();
        await second.SendAsync(Renamed(6720));
        await second.SendAudioAsync(6720, 320);
        await second.FinishAsync(7040);
        Assert.Single(sink.Sidecar("rtp").Events, told => told.Type == "renamed");
    }

    [Fact]
    public async Task One_without_a_name_is_passed_over()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await StartAsync(sink, "rtp-0");
        await client.SendAudioAsync(0, 320);
        await client.SendAsync(new JsonObject { ["type"] = "renamed", ["old_call_id"] = "id of rtp" });
        await client.FinishAsync(320);
        Assert.Equal((null, 0), (sink.Sidecar("rtp").SipCallId, sink.Sidecar("rtp").Events.Count));
    }

    private static async Task<SinkClient> StartAsync(SinkFixture sink, string tag)
    {
        var client = await sink.ConnectAsync();
        var start = SinkClient.Start(tag);
        start.Remove("from");
        start.Remove("to");
        await client.SendAsync(start);
        await client.AckAsync();
        return client;
    }

    private static JsonObject Renamed(long position) => new()
    {
        ["type"] = "renamed",
        ["call_id"] = "late@phone",
        ["old_call_id"] = "id of rtp",
        ["started_at"] = "2026-01-02T03:04:05.678Z",
        ["from"] = "sip:1@phone",
        ["to"] = "sip:2@phone",
        ["position"] = position,
    };
}
