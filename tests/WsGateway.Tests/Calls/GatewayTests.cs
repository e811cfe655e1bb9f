using System.Net.WebSockets;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.TestKit;
using CallMirror.WsGateway.Tests.Assembly;
using CallMirror.WsGateway.Tests.Connections;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CallMirror.WsGateway.Tests.Calls;

public sealed class GatewayTests
{
    private const string Caller = Chunks.CallId + "-0";
    private const string Callee = Chunks.CallId + "-1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plain_listener_gets_start_then_exact_frames_then_end_then_close()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        await gateway.PushAsync(windows: 7);

        Assert.Equal(2, listener.Connections.Count);
        for (int role = 0; role < 2; role++)
        {
            var heard = listener.Of(role == 0 ? Caller : Callee);
            Assert.Equal(["start", "end"], heard.Texts.Select(text => text.GetProperty("type").GetString()));
            Assert.Equal([0, heard.Audio.Count], heard.TextsAfter);
            Assert.Equal(Pcm.Bytes(role, 320, 320 + (7 * 1600)), heard.Audio);
            Assert.All(heard.Frames, bytes => Assert.Equal(640, bytes));
            Assert.Equal(WebSocketCloseStatus.NormalClosure, heard.Closed);
        }

        Assert.True(gateway.HasNoLanes);
    }

    [Fact]
    public async Task Start_and_end_say_what_the_protocol_promises()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        await gateway.PushAsync(windows: 1);

        var start = listener.Of(Callee).Start;
        Assert.Matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", start.GetProperty("traceparent").GetString());
        Assert.Equal(
            """{"type":"start","call_id":"call-1@pbx","tag":"call-1@pbx-1","role":1,"direction":"callee","encoding":"L16","sample_rate":16000,"channels":1,"position":320,"from":"sip:+49301234@pbx","to":"sip:1001@pbx","started_at":"2026-03-04T03:06:07.891Z","traceparent":"?"}""",
            start.GetRawText().Replace(start.GetProperty("traceparent").GetString()!, "?", StringComparison.Ordinal));
        Assert.Equal("""{"type":"end","call_id":"call-1@pbx","tag":"call-1@pbx-1","position":1920,"reason":"bye"}""", listener.Of(Callee).Last.GetRawText());
    }

    [Fact]
    public async Task Events_come_in_their_place()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        MediaMark[] marks =
        [
            new() { Kind = MarkKind.Dtmf, Position = 320, Code = 11 },
            new() { Kind = MarkKind.Hold, Position = 700, Code = 1 },
            new() { Kind = MarkKind.Resume, Position = 1600, Code = 1 },
            Chunks.End(1600, EndReason.EndOfCapture),
        ];
        await gateway.FollowAsync();
        await gateway.PublishAsync([Chunks.Write(0, 0, [new Section(0, 1600) { Runs = [(0, 1600)], Marks = marks }, new Section(1, -1) { Marks = [Chunks.End(0)] }])]);
        await gateway.IdleAsync();

        var heard = Assert.Single(listener.Connections);
        Assert.Equal(
            [
                """{"type":"dtmf","digit":"#","event":11,"position":320}""",
                """{"type":"hold","by":"callee","position":700}""",
                """{"type":"resume","by":"callee","position":1600}""",
            ],
            heard.Texts[1..^1].Select(text => text.GetRawText()));
        Assert.Equal([0, 640, 1920, 3200, 3200], heard.TextsAfter);
        Assert.Equal("end-of-capture", heard.Last.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_call_that_was_found_gets_its_name_in_mid_stream_and_again_on_each_connection()
    {
        bool dropped = false;
        await using var listener = await TestListener.StartAsync(
            Cancel, acknowledges: true, drops: (_, heard) => !dropped && heard.Tag == Caller && heard.Texts.Count > 1 && (dropped = heard.Frames.Count >= 20));
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        await gateway.FollowAsync();
        await gateway.PublishAsync([Chunks.Write(0, 0, [Section.Audio(0, 0, 1600), Section.Audio(1, 0, 1600)])]);
        await listener.UntilAsync(() => listener.Connections.Any(heard => heard.Tag == Caller && heard.Frames.Count > 0), Cancel);
        gateway.Gateway.Follow(GatewayUnderTest.Negotiated() with { SipCallId = "late@phone", From = "sip:1@phone", To = "sip:2@phone" });
        await gateway.PublishAsync(
        [
            .. Enumerable.Range(1, 9).Select(window => Chunks.Write((uint)window, 0, [Section.Audio(0, 1600 * window, 1600 * (window + 1)), Section.Audio(1, 1600 * window, 1600 * (window + 1))])),
            Chunks.Write(10, 0, [new Section(0, 16_000) { Marks = [Chunks.End(16_000)] }, new Section(1, 16_000) { Marks = [Chunks.End(16_000)] }]),
        ]);
        await gateway.IdleAsync();

        Assert.True(dropped);
        var caller = listener.Connections.Where(heard => heard.Tag.StartsWith(Caller, StringComparison.Ordinal)).ToList();
        Assert.Equal(2, caller.Count);
        foreach (var heard in listener.Connections)
        {
            var renamed = Assert.Single(heard.Texts, text => text.GetProperty("type").GetString() == "renamed");
            Assert.Equal(
                ("late@phone", Chunks.CallId, "sip:1@phone", "sip:2@phone", heard.Texts[0].GetProperty("started_at").GetString()),
                (Text(renamed, "call_id"), Text(renamed, "old_call_id"), Text(renamed, "from"), Text(renamed, "to"), Text(renamed, "started_at")));
            Assert.Equal(Chunks.CallId, Text(heard.Texts[0], "call_id"));
        }

        static string? Text(System.Text.Json.JsonElement text, string field) => text.GetProperty(field).GetString();
    }

    [Fact]
    public async Task Headers_and_bearer_token_are_sent()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url, options =>
        {
            options.BearerToken = "secret";
            options.Headers["X-Tenant"] = "blue";
        });

        await gateway.PushAsync(windows: 1);

        Assert.All(listener.Connections, heard => Assert.Equal("Bearer secret", heard.Headers["Authorization"]));
        Assert.All(listener.Connections, heard => Assert.Equal("blue", heard.Headers["X-Tenant"]));
    }

    [Fact]
    public async Task A_listener_behind_TLS_gets_the_same()
    {
        await using var listener = await TestListener.StartAsync(Cancel, tls: true);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url, options => options.AcceptAnyCertificate = true);

        await gateway.PushAsync(windows: 60);

        Assert.Equal("wss", listener.Url.Scheme);
        Assert.Equal(Pcm.Bytes(0, 320, 320 + (60 * 1600)), listener.Of(Caller).Audio);
    }

    [Fact]
    public async Task A_certificate_that_is_not_trusted_is_not_accepted()
    {
        await using var listener = await TestListener.StartAsync(Cancel, tls: true);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url, options => options.GiveUpAfter = TimeSpan.FromMilliseconds(1));

        await gateway.PushAsync(windows: 1);

        Assert.Equal($"no listener at {listener.Url}: its certificate was not accepted", await gateway.Gateway.FirstFailure);
    }

    [Fact]
    public async Task A_plain_listener_that_drops_gets_the_rest_under_another_tag()
    {
        bool dropped = false;
        await using var listener = await TestListener.StartAsync(Cancel, drops: (_, heard) => !dropped && heard.Tag == Caller && (dropped = heard.Frames.Count == 10));
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        await gateway.FollowAsync();
        int published = 0;
        foreach (var chunk in Chunks.Call(40))
        {
            await gateway.PublishAsync([chunk]);
            published++;
            await listener.UntilAsync(() => published == 41 || listener.Connections.Any(heard => heard.Tag == Callee && heard.Frames.Count == published * 5), Cancel);
        }

        await gateway.IdleAsync();

        var parts = listener.Connections.Where(heard => heard.Start.GetProperty("role").GetInt32() == 0).ToArray();
        Assert.Equal(2, parts.Length);
        long position = parts[1].Start.GetProperty("position").GetInt64();
        Assert.Equal($"{Caller}.{position}", parts[1].Tag);
        Assert.Equal(Caller, parts[1].Start.GetProperty("resumes").GetString());
        // What was on its way to a plain listener is lost with the connection, but nothing comes twice or at a wrong position.
        Assert.Equal(Pcm.Bytes(0, position, 320 + (40 * 1600)), parts[1].Audio);
        Assert.True(position >= 320 + (10 * 320));
        Assert.Equal(Pcm.Bytes(1, 320, 320 + (40 * 1600)), listener.Of(Callee).Audio);
    }

    [Fact]
    public async Task An_acknowledging_listener_that_drops_again_and_again_has_everything_once()
    {
        await using var listener = await TestListener.StartAsync(Cancel, acknowledges: true, drops: (number, heard) => number < 6 && heard.Frames.Count >= 7 + number);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        await gateway.PushAsync(windows: 40);

        Assert.Equal(Pcm.Bytes(0, 320, 320 + (40 * 1600)), listener.Stored(Caller));
        Assert.Equal(Pcm.Bytes(1, 320, 320 + (40 * 1600)), listener.Stored(Callee));
        Assert.Equal(6, gateway.Gateway.Streams.Sum(stream => stream.Reconnects));
        Assert.All(gateway.Gateway.Streams, stream => Assert.Equal((0L, 320L + (40 * 1600), 40L * 1600), (stream.LostSamples, stream.AckedPosition, stream.Samples)));
    }

    [Fact]
    public async Task A_chunk_is_kept_only_until_the_listener_has_acknowledged_it()
    {
        await using var listener = await TestListener.StartAsync(Cancel, acknowledges: true);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        var chunks = Chunks.Call(windows: 2).ToList();
        await gateway.FollowAsync();

        await gateway.PublishAsync(chunks[..1]);
        // Neither another chunk nor the clock helps: nothing else happens for an hour.
        await chunks[0].WhenReleasedAsync();

        await gateway.PublishAsync(chunks[1..]);
        await gateway.IdleAsync();
        Assert.Equal(Pcm.Bytes(0, 320, 320 + (2 * 1600)), listener.Stored(Caller));
    }

    [Fact]
    public async Task An_acknowledging_listener_that_drops_at_the_end_is_given_the_end_again()
    {
        await using var listener = await TestListener.StartAsync(Cancel, acknowledges: true, drops: (number, heard) => number < 2 && heard.Frames.Count == 20);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        await gateway.PushAsync(windows: 4);

        Assert.Equal(Pcm.Bytes(0, 320, 320 + (4 * 1600)), listener.Stored(Caller));
        Assert.Equal(2, listener.Connections.Count(heard => heard.Last.GetProperty("type").GetString() == "end" && heard.Closed == WebSocketCloseStatus.NormalClosure));
    }

    [Fact]
    public async Task What_a_listener_that_acknowledges_had_only_in_its_socket_when_it_died_is_sent_again()
    {
        // Behind an outage: more than is kept for a silent listener, sent at once, and the listener dies before it said a word of these streams.
        const int windows = 350;
        const int frames = windows * 5;
        await using var listener = await TestListener.StartAsync(Cancel, drops: static (_, heard) => !Resumes(heard) && heard.Frames.Count == frames);
        listener.Says = static heard => IsOfFirstCall(heard) || Resumes(heard) ? Ack(heard) : null;
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url, options =>
            (options.KeepLimit, options.AckTimeout) = (TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(100)));
        await gateway.PushAsync(windows: 1);

        await gateway.PushAsync(windows, "second");

        var resumed = listener.Connections.Where(Resumes).OrderBy(heard => heard.Tag, StringComparer.Ordinal).ToArray();
        Assert.Equal(2, resumed.Length);
        Assert.All(resumed, (heard, role) => Assert.Equal(Pcm.Bytes(role, 320, 320 + (windows * 1600)), heard.Audio));
        Assert.All(gateway.Gateway.Streams, stream => Assert.Equal(0, stream.LostSamples));

        static bool IsOfFirstCall(Heard heard) => heard.Tag.StartsWith(Chunks.CallId, StringComparison.Ordinal);
        static bool Resumes(Heard heard) => heard.Start.TryGetProperty("resumes", out _);
        static string Ack(Heard heard)
        {
            string from = heard.Start.TryGetProperty("kept_from", out _) ? "kept_from" : "position";
            return $$"""{"type":"ack","position":{{heard.Start.GetProperty(from).GetInt64() + (heard.Audio.Count / 2)}}}""";
        }
    }

    [Fact]
    public async Task A_busy_listener_that_says_that_it_acknowledges_gets_no_audio_before_its_first_word()
    {
        // The first two connections are busy for much longer than a listener of which nothing is known is waited for, and die.
        await using var listener = await TestListener.StartAsync(
            Cancel, drops: static (number, _) => number < 2, pace: static cancelled => Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancelled));
        listener.SaysThatItAcknowledges = true;
        listener.Says = static heard => $$"""{"type":"ack","position":{{320 + (heard.Audio.Count / 2)}}}""";
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url, options => options.ProbeTimeout = TimeSpan.FromMilliseconds(1));

        await gateway.PushAsync(windows: 1);

        var resumed = listener.Connections.Skip(2).OrderBy(heard => heard.Tag, StringComparer.Ordinal).ToArray();
        Assert.Equal(2, resumed.Length);
        Assert.All(resumed, static (heard, role) => Assert.Equal(Pcm.Bytes(role, 320, 320 + 1600), heard.Audio));
    }

    [Fact]
    public async Task A_listener_that_has_stored_more_than_the_gateway_knows_is_told_where_it_goes_on()
    {
        // Drops after it has stored frame 8 but before it says so.
        await using var listener = await TestListener.StartAsync(Cancel, acknowledges: true, drops: (number, heard) => number < 2 && heard.Frames.Count == 8);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        await gateway.PushAsync(windows: 30);

        var resumed = listener.Connections.Skip(2).ToArray();
        Assert.Equal(2, resumed.Length);
        Assert.All(resumed, heard => Assert.Equal("continue", heard.Texts[1].GetProperty("type").GetString()));
        Assert.All(resumed, heard => Assert.Equal(320 + (8 * 320), heard.Texts[1].GetProperty("position").GetInt64()));
        Assert.Equal(Pcm.Bytes(0, 320, 320 + (30 * 1600)), listener.Stored(Caller));
    }

    [Fact]
    public async Task A_listener_that_never_comes_is_given_up_with_a_sentence_and_its_lane_is_drained()
    {
        using var port = new ReservedPort();
        var nowhere = new Uri($"ws://127.0.0.1:{port.Number}/audio");
        await using var gateway = await GatewayUnderTest.StartAsync(nowhere, options => options.GiveUpAfter = TimeSpan.FromMilliseconds(150));

        await gateway.PushAsync(windows: 200);

        Assert.Equal($"no listener at {nowhere}: connection refused", await gateway.Gateway.FirstFailure);
        Assert.All(gateway.Gateway.Streams, stream => Assert.NotNull(stream.Failure));
        Assert.True(gateway.HasNoLanes);
    }

    [Fact]
    public async Task A_server_that_refuses_is_given_up_with_its_answer()
    {
        await using var listener = await TestListener.StartAsync(Cancel, refuses: true);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url, options => options.GiveUpAfter = TimeSpan.FromMilliseconds(1));

        await gateway.PushAsync(windows: 1);

        Assert.Equal($"no listener at {listener.Url}: it answered 403 Forbidden, which is no WebSocket", await gateway.Gateway.FirstFailure);
    }

    [Fact]
    public async Task A_listener_that_comes_later_gets_everything()
    {
        using var port = new ReservedPort();
        await using var gateway = await GatewayUnderTest.StartAsync(new Uri($"ws://127.0.0.1:{port.Number}/audio"));
        await gateway.FollowAsync();
        // More than its lane holds: the publisher waits until somebody listens.
        var publishing = gateway.PublishAsync(Chunks.Call(20));
        Assert.False(publishing.IsCompleted);

        int number = port.Number;
        port.Dispose();
        await using var listener = await TestListener.StartAsync(Cancel, port: number);
        await publishing;
        await gateway.IdleAsync();

        Assert.Equal(Pcm.Bytes(0, 320, 320 + (20 * 1600)), listener.Of(Caller).Audio);
        Assert.False(listener.Of(Caller).Start.TryGetProperty("resumes", out _));
    }

    [Fact]
    public async Task A_slow_listener_of_one_call_does_not_hold_up_another()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = await TestListener.StartAsync(Cancel, pace: cancel => gate.Task.WaitAsync(cancel));
        await using var quick = await TestListener.StartAsync(Cancel);
        await using var gateways = await GatewayUnderTest.StartAsync(services => services
            .AddWsGateway("slow", options => options.Url = slow.Url.ToString())
            .AddWsGateway("quick", options => options.Url = quick.Url.ToString()));
        foreach (string group in (string[])["slow", "quick"])
        {
            await gateways.Bus.OpenLaneAsync(group, Chunks.Key, Cancel);
            gateways.Services.GetRequiredKeyedService<Gateway>(group).Follow(GatewayUnderTest.Negotiated());
        }

        await gateways.PublishAsync(Chunks.Call(50));
        await gateways.Services.GetRequiredKeyedService<Gateway>("quick").WhenIdleAsync(Cancel);
        Assert.Equal(Pcm.Bytes(0, 320, 320 + (50 * 1600)), quick.Of(Caller).Audio);

        gate.SetResult();
        await gateways.Services.GetRequiredKeyedService<Gateway>("slow").WhenIdleAsync(Cancel);
        Assert.Equal(Pcm.Bytes(0, 320, 320 + (50 * 1600)), slow.Of(Caller).Audio);
    }

    [Fact]
    public async Task A_call_announced_on_the_control_plane_is_followed_by_every_gateway_of_the_process()
    {
        await using var first = await TestListener.StartAsync(Cancel);
        await using var second = await TestListener.StartAsync(Cancel, acknowledges: true);
        await using var gateways = await GatewayUnderTest.StartAsync(services => services
            .AddWsGateway("push", options => options.Url = first.Url.ToString())
            .AddWsGateway("sink", options => options.Url = second.Url.ToString()));
        await gateways.Bus.OpenLaneAsync("push", Chunks.Key, Cancel);
        await gateways.Bus.OpenLaneAsync("sink", Chunks.Key, Cancel);

        await gateways.Services.GetRequiredService<IBus>().Publish(GatewayUnderTest.Negotiated(), Cancel);
        await gateways.PublishAsync(Chunks.Call(5));
        await gateways.Bus.WhenNoLanesAsync(Cancel);

        Assert.Equal(Pcm.Bytes(0, 320, 320 + (5 * 1600)), first.Of(Caller).Audio);
        Assert.Equal(Pcm.Bytes(1, 320, 320 + (5 * 1600)), second.Stored(Callee));
    }

    [Fact]
    public async Task A_message_that_is_no_chunk_is_rejected_and_the_call_goes_on()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        var noise = new MediaBuffer();
        noise.Append(100).Fill(0x42);

        await gateway.FollowAsync();
        await gateway.PublishAsync([noise, .. Chunks.Call(3)]);
        await gateway.IdleAsync();

        Assert.Equal(Pcm.Bytes(0, 320, 320 + (3 * 1600)), listener.Of(Caller).Audio);
    }

    [Fact]
    public async Task Announcements_repeated_and_calls_too_many_open_no_second_session()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url, options =>
        {
            options.MaxCalls = 1;
            options.EndOnStop = true;
        });
        await gateway.FollowAsync();
        await gateway.FollowAsync();
        await gateway.FollowAsync("another");
        Assert.Equal(1, gateway.Gateway.CallCount);
        // Its lane would fill up and stop everybody.
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await gateway.Bus.ConsumeLaneAsync(gateway.Gateway.Group, Chunks.KeyOf("another"), Cancel));

        await gateway.PublishAsync(Chunks.Call(2));
        await gateway.IdleAsync();
        await gateway.FollowAsync("another");
        await gateway.PublishAsync(Chunks.Call(2, "another"), "another");
        await gateway.IdleAsync();

        Assert.Equal(["another-0", "another-1", Caller, Callee], listener.Connections.Select(heard => heard.Tag).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_call_whose_audio_is_all_encrypted_is_followed_once_some_of_it_is_in_the_clear()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url);

        // sip-tracker opens no lane for it, and says why.
        gateway.Gateway.Follow(GatewayUnderTest.Negotiated(encrypted: true));
        await gateway.IdleAsync();
        Assert.DoesNotContain(gateway.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));

        await gateway.PushAsync(windows: 2);
        Assert.Equal(Pcm.Bytes(0, 320, 320 + (2 * 1600)), listener.Of(Caller).Audio);
    }

    [Fact]
    public async Task A_stop_leaves_the_lane_to_another_gateway_without_an_end()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        var gateway = await GatewayUnderTest.StartAsync(listener.Url);
        await gateway.FollowAsync();
        await gateway.PublishAsync(Chunks.Call(3).Take(3));
        await listener.UntilAsync(() => listener.Connections.Sum(heard => heard.Frames.Count) == 30, Cancel);
        await gateway.Gateway.StopAsync(Cancel);

        Assert.False(gateway.HasNoLanes);
        await gateway.DisposeAsync();
        Assert.All(listener.Connections, heard => Assert.Single(heard.Texts));
        Assert.All(listener.Connections, heard => Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, heard.Closed));
    }

    [Fact]
    public async Task A_stop_of_the_only_gateway_ends_its_streams()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var gateway = await GatewayUnderTest.StartAsync(listener.Url, options => options.EndOnStop = true);
        await gateway.FollowAsync();
        await gateway.PublishAsync(Chunks.Call(3).Take(3));
        await listener.UntilAsync(() => listener.Connections.Sum(heard => heard.Frames.Count) == 30, Cancel);
        await gateway.Gateway.StopAsync(Cancel);

        Assert.True(gateway.HasNoLanes);
        Assert.All(listener.Connections, heard => Assert.Equal("stopped", heard.Last.GetProperty("reason").GetString()));
        Assert.Equal([EndReason.Stopped, EndReason.Stopped], gateway.Gateway.Streams.Select(stream => stream.EndReason.GetValueOrDefault()));
    }

    [Theory]
    [InlineData("http://localhost", "is no WebSocket URL")]
    [InlineData("localhost:8765", "is no WebSocket URL")]
    [InlineData("ws://user:secret@host/", "holds a user name")]
    public async Task A_bad_URL_is_refused_at_start_with_one_sentence(string url, string sentence)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(
            () => GatewayUnderTest.StartAsync(services => services.AddWsGateway(options => options.Url = url)));

        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }
}
