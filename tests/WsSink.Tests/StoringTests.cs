using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using CallMirror.Contracts.Naming;

namespace CallMirror.WsSink.Tests;

public sealed class StoringTests
{
    [Fact]
    public async Task Audio_is_stored_as_it_came_and_a_wav_is_made_at_the_end()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a@host-0", position: 4000);
        await client.SendAudioAsync(4000, 16_100);
        await client.FinishAsync(20_100);

        Assert.Equal(SinkClient.Pcm(4000, 16_100), sink.Bytes("a@host-0.pcm"));
        var wav = sink.Bytes("a@host-0.wav");
        Assert.Equal("RIFF"u8, wav.AsSpan(0, 4));
        Assert.Equal(16_000, BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(24)));
        Assert.Equal(1, BinaryPrimitives.ReadInt16LittleEndian(wav.AsSpan(22)));
        Assert.Equal(SinkClient.Pcm(4000, 16_100), wav[44..]);
        Assert.Equal(["a@host-0.pcm", "a@host-0.wav", "a@host.json", "a@host.wav"], sink.Files());
    }

    [Fact]
    public async Task Audio_is_on_disk_before_it_is_acknowledged_and_while_the_stream_goes_on()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0", position: 100);
        for (var position = 100L; position < 80_100; position += 16_000)
        {
            await client.SendAudioAsync(position, 16_000);
            long acked;
            do
                acked = await client.AckAsync();
            while (acked <= position);
            Assert.InRange(acked, position + 1, position + 16_000);
            Assert.True(new FileInfo(sink.In("a-0.pcm")).Length >= (acked - 100) * 2);
        }
    }

    [Fact]
    public async Task It_says_in_its_answer_to_the_upgrade_that_it_acknowledges()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();

        Assert.Equal(["position"], client.Socket.HttpResponseHeaders![ListenerHeader.Acknowledges]);
    }

    [Fact]
    public async Task A_start_is_answered_with_its_position_and_an_end_with_the_last()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();
        await client.SendAsync(SinkClient.Start("a-0", 777));
        Assert.Equal(777, await client.AckAsync());
        await client.SendAudioAsync(777, 320);
        await client.SendEndAsync(1097);
        Assert.Equal(1097, await client.AckAsync());
    }

    [Fact]
    public async Task Both_roles_are_put_side_by_side_by_position()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var caller = await sink.StartStreamAsync("a-0", position: 1000);
        using var callee = await sink.StartStreamAsync("a-1", position: 300);
        await caller.SendAudioAsync(1000, 2000);
        await callee.SendAudioAsync(300, 1500);
        await callee.FinishAsync(1800);
        Assert.False(File.Exists(sink.In("a.wav")));
        await caller.FinishAsync(3000);

        var wav = sink.Bytes("a.wav");
        Assert.Equal(2, BinaryPrimitives.ReadInt16LittleEndian(wav.AsSpan(22)));
        var both = MemoryMarshal.Cast<byte, short>(wav.AsSpan(44)).ToArray();
        Assert.Equal([.. new short[700], .. SinkClient.Samples(1000, 2000)], both.Where((_, i) => i % 2 == 0));
        Assert.Equal([.. SinkClient.Samples(300, 1500), .. new short[1200]], both.Where((_, i) => i % 2 == 1));
        Assert.Equal(300, sink.Sidecar("a").FirstPosition);
        Assert.Equal("a.wav", sink.Sidecar("a").StereoWav);
    }

    [Fact]
    public async Task Roles_that_are_longer_than_a_block_stay_aligned()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var caller = await sink.StartStreamAsync("a-0", position: 1);
        using var callee = await sink.StartStreamAsync("a-1", position: 200_001);
        await caller.SendBinaryAsync(SinkClient.Pcm(1, 300_000));
        await callee.SendBinaryAsync(SinkClient.Pcm(200_001, 300_000));
        await caller.FinishAsync(300_001);
        await callee.FinishAsync(500_001);

        var both = MemoryMarshal.Cast<byte, short>(sink.Bytes("a.wav").AsSpan(44)).ToArray();
        Assert.Equal([.. SinkClient.Samples(1, 300_000), .. new short[200_000]], both.Where((_, i) => i % 2 == 0));
        Assert.Equal([.. new short[200_000], .. SinkClient.Samples(200_001, 300_000)], both.Where((_, i) => i % 2 == 1));
    }

    [Fact]
    public async Task A_role_that_was_never_heard_is_silence()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var callee = await sink.StartStreamAsync("a-1", position: 500);
        await callee.SendAudioAsync(500, 640);
        await callee.FinishAsync(1140);

        var both = MemoryMarshal.Cast<byte, short>(sink.Bytes("a.wav").AsSpan(44)).ToArray();
        Assert.Equal(new short[640], both.Where((_, i) => i % 2 == 0));
        Assert.Equal(SinkClient.Samples(500, 640), both.Where((_, i) => i % 2 == 1));
    }

    [Fact]
    public async Task A_role_that_comes_after_the_other_has_ended_makes_the_stereo_file_anew()
    {
        await using var sink = await SinkFixture.StartAsync();
        using (var caller = await sink.StartStreamAsync("a-0"))
        {
            await caller.SendAudioAsync(0, 320);
            await caller.FinishAsync(320);
        }
        using var callee = await sink.StartStreamAsync("a-1");
        await callee.SendAudioAsync(0, 320);
        await callee.FinishAsync(320);

        var both = MemoryMarshal.Cast<byte, short>(sink.Bytes("a.wav").AsSpan(44)).ToArray();
        Assert.Equal(SinkClient.Samples(0, 320), both.Where((_, i) => i % 2 == 0));
        Assert.Equal(SinkClient.Samples(0, 320), both.Where((_, i) => i % 2 == 1));
        Assert.Equal([0, 1], sink.Sidecar("a").Streams.Select(stream => stream.Role));
    }

    [Fact]
    public async Task The_sidecar_tells_what_the_call_was_and_what_happened_in_order()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0", position: 10);
        await client.SendAudioAsync(10, 320);
        await client.SendAsync(new System.Text.Json.Nodes.JsonObject { ["type"] = "dtmf", ["position"] = 330, ["digit"] = "5", ["event"] = 5, ["duration_ms"] = 120 });
        await client.SendTextAsync("""{"type":"hold","by":"callee"}""");
        await client.SendAudioAsync(330, 320);
        await client.SendEventAsync("resume", null);
        await client.SendAsync(new System.Text.Json.Nodes.JsonObject { ["type"] = "gap", ["position"] = 650, ["samples"] = 160 });
        await client.SendAudioAsync(650, 160);
        await client.FinishAsync(810, "cancel");

        var call = sink.Sidecar("a");
        Assert.Equal("id of a", call.CallId);
        Assert.Equal("sip:alice@example.com", call.From);
        Assert.Equal("sip:bob@example.com", call.To);
        Assert.Equal("2026-01-02T03:04:05.678Z", call.StartedAt);
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", call.Traceparent);
        Assert.Equal([("dtmf", 330), ("hold", 330), ("resume", 650), ("gap", 650)], call.Events.Select(e => (e.Type, e.Position)));
        Assert.Equal(("5", 5, 120), (call.Events[0].Digit, call.Events[0].Event, call.Events[0].DurationMs));
        Assert.Equal("callee", call.Events[1].By);
        Assert.Equal(160, call.Events[3].Samples);
        var stream = Assert.Single(call.Streams);
        Assert.Equal(("a-0", 0, "L16", 16_000, 10, 800), (stream.Tag, stream.Role, stream.Encoding, stream.SampleRate, stream.FirstPosition, stream.Samples));
        Assert.Equal(("ended", "cancel", "a-0.pcm", "a-0.wav"), (stream.State, stream.EndReason, stream.Pcm, stream.Wav));
        Assert.Null(stream.EndPosition);
        Assert.Equal(("a-0", 10, 810, "end"), Assert.Single(stream.Connections) switch { var c => (c.Tag, c.Position, c.Until, c.Closed) });
    }

    [Fact]
    public async Task An_end_elsewhere_than_at_the_last_sample_is_noted()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendAudioAsync(0, 320);
        await client.FinishAsync(9999);
        Assert.Equal(9999, Assert.Single(sink.Sidecar("a").Streams).EndPosition);
        Assert.Equal(320, Assert.Single(sink.Sidecar("a").Streams).Samples);
    }

    [Fact]
    public async Task Two_digits_that_say_nothing_of_their_position_are_two()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendEventAsync("dtmf", null, "1");
        await client.SendEventAsync("dtmf", null, "1");
        await client.FinishAsync(0);
        Assert.Equal(["1", "1"], sink.Sidecar("a").Events.Select(e => e.Digit));
    }

    [Fact]
    public async Task A_sample_may_be_cut_in_two_by_messages()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0");
        var bytes = SinkClient.Pcm(0, 1000);
        foreach (var piece in bytes.Chunk(333))
            await client.SendBinaryAsync(piece);
        await client.SendEventAsync("hold", null);
        await client.FinishAsync(1000);
        Assert.Equal(bytes, sink.Bytes("a-0.pcm"));
    }

    [Fact]
    public async Task Messages_may_come_in_fragments()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();
        var start = System.Text.Encoding.UTF8.GetBytes(SinkClient.Start("a-0").ToJsonString());
        foreach (var (piece, i) in start.Chunk(7).Select((piece, i) => (piece, i)))
            await client.Socket.SendAsync(piece, WebSocketMessageType.Text, (i + 1) * 7 >= start.Length, SinkFixture.Cancel);
        Assert.Equal(0, await client.AckAsync());
        var bytes = SinkClient.Pcm(0, 50_000);
        await client.SendBinaryAsync(bytes[..33_333], last: false);
        await client.SendBinaryAsync(bytes[33_333..], last: true);
        await client.FinishAsync(50_000);
        Assert.Equal(bytes, sink.Bytes("a-0.pcm"));
    }

    [Fact]
    public async Task Texts_of_an_unknown_type_are_passed_over()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendTextAsync("""{"type":"weather","temperature":21}""");
        await client.SendAudioAsync(0, 320);
        await client.FinishAsync(320);
        Assert.Equal(SinkClient.Pcm(0, 320), sink.Bytes("a-0.pcm"));
    }

    [Fact]
    public async Task A_plain_sender_that_says_only_call_and_tag_is_understood()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();
        await client.SendTextAsync("""{"type":"start","call_id":"x","tag":"x-1"}""");
        await client.SendAudioAsync(0, 320);
        await client.SendTextAsync("""{"type":"end"}""");
        await client.CloseAsync();
        var stream = Assert.Single(sink.Sidecar("x").Streams);
        Assert.Equal((1, 16_000, 320, "unknown"), (stream.Role, stream.SampleRate, stream.Samples, stream.EndReason));
    }

    [Fact]
    public async Task Without_wavs_the_pcm_and_the_sidecar_are_there()
    {
        await using var sink = await SinkFixture.StartAsync(options => options with { WavFiles = false });
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendAudioAsync(0, 320);
        await client.FinishAsync(320);
        Assert.Equal(["a-0.pcm", "a.json"], sink.Files());
    }

    [Fact]
    public async Task A_rate_of_8000_goes_into_the_wavs()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();
        var start = SinkClient.Start("a-0");
        start["sample_rate"] = 8000;
        await client.SendAsync(start);
        await client.SendAudioAsync(0, 160);
        await client.FinishAsync(160);
        Assert.Equal(8000, BinaryPrimitives.ReadInt32LittleEndian(sink.Bytes("a-0.wav").AsSpan(24)));
        Assert.Equal(8000, BinaryPrimitives.ReadInt32LittleEndian(sink.Bytes("a.wav").AsSpan(24)));
    }
}
