using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace CallMirror.WsSink.Tests;

/// <summary>Nothing is taken on trust: every breach has its close status and reason, and leaves no file.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("../../etc/cron.d/x")]
    [InlineData("../x-0")]
    [InlineData("/etc/passwd-0")]
    [InlineData("..\\x-0")]
    [InlineData("x/y-0")]
    [InlineData(".hidden-0")]
    [InlineData("..-0")]
    [InlineData("x y-0")]
    [InlineData("x\u0000-0")]
    [InlineData("ü-0")]
    [InlineData("")]
    public async Task A_tag_that_is_no_safe_file_name_is_refused(string tag)
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();
        await client.SendAsync(new JsonObject { ["type"] = "start", ["call_id"] = "a", ["tag"] = tag });
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "unsafe-tag"), await client.ClosedAsync());
        Assert.Empty(sink.Files());
        Assert.Equal(1, sink.Server.Snapshot().Totals.Refusals);
    }

    [Fact]
    public async Task A_tag_may_have_200_bytes_and_no_more()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var longest = await sink.StartStreamAsync(new string('a', 198) + "-0");
        using var client = await sink.ConnectAsync();
        await client.SendAsync(SinkClient.Start(new string('a', 199) + "-0"));
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "unsafe-tag"), await client.ClosedAsync());
    }

    [Fact]
    public async Task What_is_resumed_must_be_a_safe_name_too()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();
        var start = SinkClient.Start("a-0.100");
        start["resumes"] = "../../etc/cron.d/x-0";
        start["role"] = 0;
        await client.SendAsync(start);
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "unsafe-tag"), await client.ClosedAsync());
        Assert.Empty(sink.Files());
    }

    [Fact]
    public async Task A_role_other_than_the_tag_says_is_refused()
    {
        await using var sink = await SinkFixture.StartAsync();
        await RefusedAsync(sink, """{"type":"start","call_id":"a","tag":"a-0","role":1}""", WebSocketCloseStatus.PolicyViolation, "unsafe-tag");
    }

    [Fact]
    public async Task Binary_before_start_is_refused()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();
        await client.SendBinaryAsync(new byte[640]);
        Assert.Equal((WebSocketCloseStatus.ProtocolError, "binary-before-start"), await client.ClosedAsync());
        Assert.Empty(sink.Files());
    }

    [Theory]
    [InlineData("""{"type":"end"}""")]
    [InlineData("""{"type":"dtmf","digit":"1"}""")]
    [InlineData("""{"type":"something"}""")]
    public async Task The_first_text_must_be_a_start(string text)
    {
        await using var sink = await SinkFixture.StartAsync();
        await RefusedAsync(sink, text, WebSocketCloseStatus.ProtocolError, "start-expected");
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("""{"type":"start",""")]
    [InlineData("null")]
    [InlineData("""{"type":"start"} trailing""")]
    public async Task Text_that_is_not_JSON_is_refused(string text)
    {
        await using var sink = await SinkFixture.StartAsync();
        await RefusedAsync(sink, text, WebSocketCloseStatus.InvalidPayloadData, "invalid-json");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":"start","call_id":"a"}""")]
    [InlineData("""{"type":"start","tag":"a-0"}""")]
    [InlineData("""{"type":"start","call_id":"a","tag":"a-0","position":-1}""")]
    [InlineData("""{"type":"start","call_id":"a","tag":"a-0","position":9000000000000000000}""")]
    [InlineData("""{"type":"start","call_id":"a","tag":"a-0","position":1.5}""")]
    [InlineData("""{"type":"start","call_id":"a","tag":7}""")]
    [InlineData("""{"type":"start","call_id":"a","tag":"a-0","tag":"b-0"}""")]
    public async Task Fields_that_are_missing_or_wrong_are_refused(string text)
    {
        await using var sink = await SinkFixture.StartAsync();
        await RefusedAsync(sink, text, WebSocketCloseStatus.InvalidPayloadData, "wrong-field");
    }

    [Fact]
    public async Task A_field_that_is_too_long_is_refused()
    {
        await using var sink = await SinkFixture.StartAsync();
        var text = $$"""{"type":"start","tag":"a-0","call_id":"{{new string('x', 2049)}}"}""";
        await RefusedAsync(sink, text, WebSocketCloseStatus.InvalidPayloadData, "wrong-field");
    }

    [Theory]
    [InlineData("\"encoding\":\"opus\"")]
    [InlineData("\"sample_rate\":7999")]
    [InlineData("\"sample_rate\":96000")]
    [InlineData("\"channels\":2")]
    public async Task Audio_of_another_kind_is_refused(string field)
    {
        await using var sink = await SinkFixture.StartAsync();
        var text = $$"""{"type":"start","call_id":"a","tag":"a-0",{{field}}}""";
        await RefusedAsync(sink, text, WebSocketCloseStatus.InvalidMessageType, "unsupported-audio");
    }

    [Fact]
    public async Task A_second_start_is_refused_and_the_stream_stays()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendAudioAsync(0, 320);
        await client.SendAsync(SinkClient.Start("b-0"));
        Assert.Equal((WebSocketCloseStatus.ProtocolError, "second-start"), await client.ClosedAsync());
        Assert.Equal(SinkClient.Pcm(0, 320), sink.Bytes("a-0.pcm"));
        Assert.False(File.Exists(sink.In("b-0.pcm")));
    }

    [Fact]
    public async Task Continue_after_audio_is_refused()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendAudioAsync(0, 320);
        await client.SendTextAsync("""{"type":"continue","position":9}""");
        Assert.Equal((WebSocketCloseStatus.ProtocolError, "continue-after-audio"), await client.ClosedAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Data_after_end_is_refused_and_the_stream_stays_as_it_ended(bool text)
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendAudioAsync(0, 320);
        await client.SendEndAsync(320);
        await (text ? client.SendEventAsync("hold", null) : client.SendAudioAsync(320, 320));
        Assert.Equal((WebSocketCloseStatus.ProtocolError, "data-after-end"), await client.ClosedAsync());
        Assert.Equal(SinkClient.Pcm(0, 320), sink.Bytes("a-0.pcm"));
        Assert.Equal("bye", Assert.Single(sink.Sidecar("a").Streams).EndReason);
    }

    [Fact]
    public async Task Half_a_sample_at_the_end_is_refused_and_left_out()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendBinaryAsync([1, 2, 3]);
        await client.SendEndAsync(1);
        Assert.Equal((WebSocketCloseStatus.InvalidPayloadData, "half-sample"), await client.ClosedAsync());
        Assert.Equal([1, 2], sink.Bytes("a-0.pcm"));
        Assert.Equal("bye", Assert.Single(sink.Sidecar("a").Streams).EndReason);
    }

    [Fact]
    public async Task A_frame_of_100_MB_is_closed_with_1009_and_never_held()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0");
        var closed = client.ClosedAsync();
        var sending = SendMegabytesAsync(client, 100);
        Assert.Equal((WebSocketCloseStatus.MessageTooBig, "message-too-big"), await closed);
        await sending;
        Assert.InRange(new FileInfo(sink.In("a-0.pcm")).Length, 0, 1 << 20);
    }

    [Fact]
    public async Task A_text_beyond_64_kB_is_closed_with_1009()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();
        await client.SendTextAsync(new string(' ', 1_000_000));
        Assert.Equal((WebSocketCloseStatus.MessageTooBig, "text-too-big"), await client.ClosedAsync());
    }

    [Fact]
    public async Task A_text_of_64_kB_is_read()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();
        var start = SinkClient.Start("a-0").ToJsonString();
        await client.SendTextAsync(start + new string(' ', 64_000 - Encoding.UTF8.GetByteCount(start)));
        Assert.Equal(0, await client.AckAsync());
    }

    [Fact]
    public async Task A_start_that_never_comes_is_waited_for_ten_seconds()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.ConnectAsync();
        var closed = client.ClosedAsync();
        await sink.AdvanceUntilRefusedAsync();
        Assert.Equal((SinkClient.TryAgainLater, "start-timeout"), await closed);
    }

    [Fact]
    public async Task A_connection_that_says_nothing_for_too_long_is_closed_and_its_stream_stays()
    {
        await using var sink = await SinkFixture.StartAsync(options => options with { IdleTimeout = TimeSpan.FromSeconds(30) });
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendAudioAsync(0, 320);
        await sink.StoredAsync("a-0.pcm", 320);
        var closed = client.ClosedAsync();
        await sink.AdvanceUntilRefusedAsync();
        Assert.Equal((SinkClient.TryAgainLater, "idle-timeout"), await closed);
        await sink.LostAsync("a");
        Assert.Equal(SinkClient.Pcm(0, 320), sink.Bytes("a-0.pcm"));
    }

    [Fact]
    public async Task An_end_without_a_close_is_closed_by_the_listener()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendEndAsync(0);
        await client.AckAsync();
        await sink.Server.AllStreamsEndedAsync(SinkFixture.Cancel);
        var closed = client.ClosedAsync();
        await sink.AdvanceUntilRefusedAsync();
        Assert.Equal((WebSocketCloseStatus.ProtocolError, "no-close"), await closed);
    }

    [Fact]
    public async Task One_connection_too_many_is_answered_with_503()
    {
        await using var sink = await SinkFixture.StartAsync(options => options with { MaxConnections = 2 });
        using var first = await sink.StartStreamAsync("a-0");
        using var second = await sink.StartStreamAsync("a-1");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await TurnedAwayAsync(sink, _ => { }));
        await second.FinishAsync(0);
        await SinkFixture.UntilAsync(() => TryConnectAsync(sink));
    }

    [Fact]
    public async Task A_web_page_may_not_send_audio()
    {
        await using var sink = await SinkFixture.StartAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await TurnedAwayAsync(sink, socket => socket.Options.SetRequestHeader("Origin", "https://example.com")));
    }

    [Fact]
    public async Task A_request_that_is_no_WebSocket_is_told_so()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var http = new HttpClient();
        var address = new UriBuilder(sink.Server.WebSocketUri) { Scheme = "http" }.Uri;
        using var response = await http.GetAsync(address, SinkFixture.Cancel);
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.StartsWith("not-websocket", await response.Content.ReadAsStringAsync(SinkFixture.Cancel), StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(SinkFixture sink, string text, WebSocketCloseStatus status, string word)
    {
        using var client = await sink.ConnectAsync();
        await client.SendTextAsync(text);
        Assert.Equal((status, word), await client.ClosedAsync());
        Assert.Empty(sink.Files());
    }

    private static async Task<HttpStatusCode> TurnedAwayAsync(SinkFixture sink, Action<ClientWebSocket> change)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        change(socket);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(sink.Server.WebSocketUri, SinkFixture.Cancel));
        return socket.HttpStatusCode;
    }

    private static async Task<bool> TryConnectAsync(SinkFixture sink)
    {
        try
        {
            using var client = await sink.ConnectAsync();
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }

    private static async Task SendMegabytesAsync(SinkClient client, int count)
    {
        try
        {
            for (var i = 0; i < count; i++)
                await client.SendBinaryAsync(new byte[1 << 20], last: i == count - 1);
        }
        catch (WebSocketException)
        {
            // Closed in the middle: what the test asks for.
        }
    }
}
