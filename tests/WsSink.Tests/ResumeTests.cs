using System.Net.WebSockets;
using System.Text.Json.Nodes;
using CallMirror.TestKit;

namespace CallMirror.WsSink.Tests;

public sealed class ResumeTests
{
    private static readonly byte[] All = SinkClient.Pcm(1000, 10_000);

    [Fact]
    public async Task A_connection_that_resumes_is_told_what_is_stored_and_goes_on_from_there()
    {
        await using var sink = await SinkFixture.StartAsync();
        var stored = await BreakAfterAsync(sink, 4000);

        using var client = await sink.ConnectAsync();
        await client.SendAsync(SinkClient.Start("a-0.3000", 3000, resumes: "a-0"));
        Assert.Equal(stored, await client.AckAsync());
        await client.SendAsync(new JsonObject { ["type"] = "continue", ["position"] = stored });
        await client.SendAudioAsync(stored, (int)(11_000 - stored));
        await client.FinishAsync(11_000);

        Assert.Equal(All, sink.Bytes("a-0.pcm"));
        Assert.Equal(["a-0.pcm", "a-0.wav", "a.json", "a.wav"], sink.Files());
        var stream = Assert.Single(sink.Sidecar("a").Streams);
        Assert.Equal([("a-0", 1000, (long?)stored, "lost"), ("a-0.3000", 3000, 11_000, "end")],
            stream.Connections.Select(c => (c.Tag, c.Position, c.Until, c.Closed!)));
    }

    [Fact]
    public async Task A_sender_that_does_not_look_at_the_ack_sends_nothing_twice()
    {
        await using var sink = await SinkFixture.StartAsync();
        await BreakAfterAsync(sink, 4000);
        using var client = await sink.StartStreamAsync("a-0.2000", 2000, resumes: "a-0");
        await client.SendAudioAsync(2000, 9000);
        await client.FinishAsync(11_000);
        Assert.Equal(All, sink.Bytes("a-0.pcm"));
    }

    [Fact]
    public async Task What_was_not_sent_between_two_connections_is_silence_and_noted_as_a_gap()
    {
        await using var sink = await SinkFixture.StartAsync();
        var stored = await BreakAfterAsync(sink, 4000);
        using var client = await sink.StartStreamAsync("a-0.8000", 8000, resumes: "a-0");
        await client.SendAudioAsync(8000, 3000);
        await client.FinishAsync(11_000);

        Assert.Equal([.. SinkClient.Pcm(1000, 4000), .. new byte[2 * (8000 - stored)], .. SinkClient.Pcm(8000, 3000)], sink.Bytes("a-0.pcm"));
        var gap = Assert.Single(sink.Sidecar("a").Events);
        Assert.Equal(("gap", stored, 8000 - stored, "not-sent"), (gap.Type, gap.Position, gap.Samples!.Value, gap.Cause));
    }

    [Fact]
    public async Task Resuming_what_was_never_stored_begins_it()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();
        await client.SendAsync(SinkClient.Start("a-0.500", 500, resumes: "a-0"));
        Assert.Equal(500, await client.AckAsync());
        await client.SendAudioAsync(500, 320);
        await client.FinishAsync(820);
        Assert.Equal(SinkClient.Pcm(500, 320), sink.Bytes("a-0.pcm"));
        Assert.Equal(500, Assert.Single(sink.Sidecar("a").Streams).FirstPosition);
    }

    [Fact]
    public async Task A_connection_that_resumes_takes_over_from_one_that_is_still_there()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var old = await sink.StartStreamAsync("a-0", 1000);
        await old.SendAudioAsync(1000, 320);
        using var client = await sink.ConnectAsync();
        await client.SendAsync(SinkClient.Start("a-0.1000", 1000, resumes: "a-0"));
        await client.AckAsync();
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "superseded"), await old.ClosedAsync());
        await client.SendAudioAsync(1000, 10_000);
        await client.FinishAsync(11_000);
        Assert.Equal(All, sink.Bytes("a-0.pcm"));
    }

    [Fact]
    public async Task A_stream_that_has_ended_can_be_resumed_and_ends_again()
    {
        await using var sink = await SinkFixture.StartAsync();
        using (var client = await sink.StartStreamAsync("a-0", 1000))
        {
            await client.SendAudioAsync(1000, 4000);
            await client.FinishAsync(5000, "gateway-stopped");
        }
        using var next = await sink.ConnectAsync();
        await next.SendAsync(SinkClient.Start("a-0.4000", 4000, resumes: "a-0"));
        Assert.Equal(5000, await next.AckAsync());
        await next.SendAudioAsync(4000, 7000);
        await next.FinishAsync(11_000);
        Assert.Equal(All, sink.Bytes("a-0.pcm"));
        Assert.Equal(All, sink.Bytes("a-0.wav")[44..]);
        Assert.Equal("bye", Assert.Single(sink.Sidecar("a").Streams).EndReason);
    }

    [Fact]
    public async Task An_event_that_is_told_again_after_resuming_is_kept_once()
    {
        await using var sink = await SinkFixture.StartAsync();
        using (var client = await sink.StartStreamAsync("a-0", 1000))
        {
            await client.SendAudioAsync(1000, 320);
            await client.SendEventAsync("dtmf", 1320, "7");
            // What is on its way is lost when a connection breaks.
            await SinkFixture.UntilAsync(() => Task.FromResult(sink.Server.Snapshot().Calls[0].Events.Count == 1));
            client.Break();
        }
        await sink.LostAsync("a");
        using var next = await sink.StartStreamAsync("a-0.1000", 1000, resumes: "a-0");
        await next.SendAudioAsync(1000, 320);
        await next.SendEventAsync("dtmf", 1320, "7");
        await next.SendEventAsync("dtmf", 1320, "8");
        await next.FinishAsync(1320);
        Assert.Equal(["7", "8"], sink.Sidecar("a").Events.Select(e => e.Digit));
    }

    [Fact]
    public async Task Events_after_the_last_ack_that_come_twice_at_their_place_are_kept_once_and_counted()
    {
        string[] events =
        [
            """{"type":"dtmf","digit":"7","event":7,"position":1320}""",
            """{"type":"hold","by":"callee","position":1320}""",
            """{"type":"gap","samples":160,"position":1320}""",
            """{"type":"gap","samples":320,"position":1320}""",
        ];
        await using var sink = await SinkFixture.StartAsync();
        using var counted = new MeterCounts(sink.Server.MeterScope);
        using (var client = await sink.StartStreamAsync("a-0", 1000))
        {
            await client.SendAudioAsync(1000, 320);
            foreach (string text in events)
                await client.SendTextAsync(text);
            // What is on its way is lost when a connection breaks.
            await SinkFixture.UntilAsync(() => Task.FromResult(sink.Server.Snapshot().Calls[0].Events.Count == events.Length));
            client.Break();
        }
        await sink.LostAsync("a");
        using var next = await sink.StartStreamAsync("a-0.1320", 1320, resumes: "a-0");
        foreach (string text in events)
            await next.SendTextAsync(text);
        await next.FinishAsync(1320);
        Assert.Equal([("dtmf", null), ("hold", null), ("gap", 160L), ("gap", 320L)], sink.Sidecar("a").Events.Select(e => (e.Type, e.Samples)));
        Assert.Equal(events.Length, counted["callmirror.sink.events.repeated"]);
    }

    [Fact]
    public async Task A_start_without_resumes_goes_on_with_a_stream_that_lost_its_connection()
    {
        await using var sink = await SinkFixture.StartAsync();
        await BreakAfterAsync(sink, 4000);
        using var client = await sink.StartStreamAsync("a-0", 1000);
        await client.SendAudioAsync(1000, 10_000);
        await client.FinishAsync(11_000);
        Assert.Equal(All, sink.Bytes("a-0.pcm"));
    }

    [Fact]
    public async Task A_start_without_resumes_is_refused_while_another_connection_sends_the_stream()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var first = await sink.StartStreamAsync("a-0");
        using var second = await sink.ConnectAsync();
        await second.SendAsync(SinkClient.Start("a-0"));
        Assert.Equal((SinkClient.TryAgainLater, "stream-in-use"), await second.ClosedAsync());
        await first.SendAudioAsync(0, 320);
        await first.FinishAsync(320);
        Assert.Equal(SinkClient.Pcm(0, 320), sink.Bytes("a-0.pcm"));
    }

    [Theory]
    [InlineData("call_id", "\"another call\"")]
    [InlineData("sample_rate", "8000")]
    public async Task Resuming_as_something_else_than_what_is_stored_is_refused(string field, string value)
    {
        await using var sink = await SinkFixture.StartAsync();
        await BreakAfterAsync(sink, 4000);
        using var client = await sink.ConnectAsync();
        var start = SinkClient.Start("a-0.2000", 2000, resumes: "a-0");
        start[field] = JsonNode.Parse(value);
        await client.SendAsync(start);
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "resume-mismatch"), await client.ClosedAsync());
    }

    [Fact]
    public async Task A_hole_beyond_all_reason_is_refused()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendAudioAsync(0, 320);
        await client.SendEventAsync("hold", null);
        // What is on its way is lost when a connection breaks.
        await SinkFixture.UntilAsync(() => Task.FromResult(sink.Server.Snapshot().Calls[0].Events.Count == 1));
        client.Break();
        await sink.LostAsync("a");
        using var next = await sink.StartStreamAsync("a-0.1", 16_000L * 3601 + 320, resumes: "a-0");
        await next.SendAudioAsync(0, 320);
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "hole-too-long"), await next.ClosedAsync());
        Assert.Equal(640, new FileInfo(sink.In("a-0.pcm")).Length);
    }

    [Fact]
    public async Task A_stream_whose_connection_broke_is_finished_when_no_other_comes_in_time()
    {
        await using var sink = await SinkFixture.StartAsync();
        await BreakAfterAsync(sink, 4000);
        var ended = sink.Server.AllStreamsEndedAsync(SinkFixture.Cancel);
        sink.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(ended.IsCompleted);
        Assert.Equal("waiting", Assert.Single(sink.Server.Snapshot().Calls[0].Streams).State);
        sink.Time.Advance(TimeSpan.FromSeconds(2));
        await ended;
        Assert.Equal("connection-lost", Assert.Single(sink.Sidecar("a").Streams).EndReason);
        Assert.Equal(SinkClient.Pcm(1000, 4000), sink.Bytes("a-0.wav")[44..]);
        Assert.False(File.Exists(sink.In("a-0.part")));
    }

    [Fact]
    public async Task A_stream_that_was_finished_as_lost_can_still_be_gone_on_with()
    {
        await using var sink = await SinkFixture.StartAsync();
        await BreakAfterAsync(sink, 4000);
        sink.Time.Advance(TimeSpan.FromSeconds(61));
        await sink.Server.AllStreamsEndedAsync(SinkFixture.Cancel);
        using var client = await sink.ConnectAsync();
        await client.SendAsync(SinkClient.Start("a-0.5000", 5000, resumes: "a-0"));
        Assert.Equal(5000, await client.AckAsync());
        await client.SendAudioAsync(5000, 6000);
        await client.FinishAsync(11_000);
        Assert.Equal(All, sink.Bytes("a-0.wav")[44..]);
    }

    // Returns the position up to which the stream is stored: all that was sent. The sink knows by then that the connection is gone:
    // one that came before would replace it.
    private static async Task<long> BreakAfterAsync(SinkFixture sink, int samples)
    {
        using var client = await sink.StartStreamAsync("a-0", 1000);
        await client.SendAudioAsync(1000, samples);
        await sink.StoredAsync("a-0.pcm", samples);
        client.Break();
        await sink.LostAsync("a");
        return 1000 + samples;
    }
}
