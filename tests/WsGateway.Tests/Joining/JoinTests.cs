using System.Net.WebSockets;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.WsGateway.Tests.Assembly;
using CallMirror.WsGateway.Tests.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace CallMirror.WsGateway.Tests.Joining;

public sealed class JoinTests
{
    private const int Window = Chunks.Window;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_listener_that_was_there_before_the_audio_gets_start_exact_frames_end_and_close(int role)
    {
        await using var host = await JoinHost.StartAsync();
        await using var client = await host.JoinAsync($"{role}");

        await host.PublishAsync(windows: 7);
        await host.EndAsync();

        var heard = await client.EndAsync();
        Assert.Equal(["start", "end"], heard.Texts.Select(text => text.GetProperty("type").GetString()));
        Assert.Equal([0, heard.Audio.Count], heard.TextsAfter);
        Assert.Equal(Pcm.Bytes(role, 0, 7 * Window), heard.Audio);
        Assert.All(heard.Frames, bytes => Assert.Equal(640, bytes));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, heard.Closed);
        Assert.Equal($$"""{"type":"end","call_id":"call-1@pbx","tag":"call-1@pbx-{{role}}","position":11200,"reason":"bye"}""", heard.Last.GetRawText());
    }

    [Theory]
    [InlineData("1", """{"type":"start","call_id":"call-1@pbx","tag":"call-1@pbx-1","role":1,"direction":"callee","encoding":"L16","sample_rate":16000,"channels":1,"position":0,"from":"sip:+49301234@pbx","to":"sip:1001@pbx","started_at":"2026-03-04T03:06:07.891Z","traceparent":"?"}""")]
    [InlineData("stereo", """{"type":"start","call_id":"call-1@pbx","tag":"call-1@pbx-stereo","role":"stereo","direction":"both","encoding":"L16","sample_rate":16000,"channels":2,"position":0,"from":"sip:+49301234@pbx","to":"sip:1001@pbx","started_at":"2026-03-04T03:06:07.891Z","traceparent":"?"}""")]
    public async Task Start_says_what_the_protocol_promises(string role, string expected)
    {
        await using var host = await JoinHost.StartAsync();
        await using var client = await host.JoinAsync(role);
        await host.PublishAsync(windows: 1);
        await host.EndAsync();

        var start = (await client.EndAsync()).Start;

        Assert.Matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", start.GetProperty("traceparent").GetString());
        Assert.Equal(expected, start.GetRawText().Replace(start.GetProperty("traceparent").GetString()!, "?", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(70)]
    public async Task In_mid_call_the_audio_is_exact_from_where_start_says(int before)
    {
        await using var host = await JoinHost.StartAsync();
        await host.PublishAsync(before);
        await using var client = await host.JoinAsync("0");

        await host.PublishAsync(windows: 20);
        await host.EndAsync();

        var heard = await client.EndAsync();
        Assert.Equal(before * Window, client.Position);
        Assert.Equal(Pcm.Bytes(0, before * Window, (before + 20) * Window), heard.Audio);
    }

    [Fact]
    public async Task Any_number_of_listeners_share_one_tap_each_from_where_it_joined()
    {
        await using var host = await JoinHost.StartAsync();
        await using var first = await host.JoinAsync("0");
        await host.PublishAsync(windows: 10);
        await Eventually.HoldsAsync(() => first.AudioBytes == 10 * Window * 2, "the first has heard all");
        await using var second = await host.JoinAsync("0");
        await using var third = await host.JoinAsync("1");
        Assert.Equal(1, host.Counts["callmirror.gateway.join.taps"]);
        Assert.Equal(3, host.Taps.ListenersOf(Chunks.Key));
        Assert.Equal(3, (await host.ListAsync())[0].GetProperty("listeners").GetInt32());

        await host.PublishAsync(windows: 5);
        await host.EndAsync();

        Assert.Equal(Pcm.Bytes(0, 0, 15 * Window), (await first.EndAsync()).Audio);
        Assert.Equal(Pcm.Bytes(0, 10 * Window, 15 * Window), (await second.EndAsync()).Audio);
        Assert.Equal(Pcm.Bytes(1, 10 * Window, 15 * Window), (await third.EndAsync()).Audio);
        Assert.Equal((10 * Window, 10 * Window), (second.Position, third.Position));
    }

    [Fact]
    public async Task The_push_gets_the_same_with_listeners_and_without()
    {
        await using var listener = await TestListener.StartAsync(Cancel);
        await using var host = await JoinHost.StartAsync(also: services => services.AddWsGateway(options => options.Url = listener.Url.ToString()));
        var gateway = host.Services.GetServices<Gateway>().Single();
        await host.Bus.OpenLaneAsync(gateway.Group, Chunks.Key, Cancel);
        gateway.Follow(Calls.GatewayUnderTest.Negotiated());
        await host.PublishAsync(windows: 10);
        await using var client = await host.JoinAsync("stereo");
        await using var slow = await host.JoinAsync("0", isSlow: true);

        await host.PublishAsync(windows: 40);
        await host.EndAsync();
        await gateway.WhenIdleAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        for (int role = 0; role < 2; role++)
            Assert.Equal(Pcm.Bytes(role, 0, 50 * Window), listener.Of($"{Chunks.CallId}-{role}").Audio);
        Assert.Equal(2, listener.Connections.Count);
        await client.EndAsync();
        Assert.Equal(10 * Window, client.Position);
    }

    [Fact]
    public async Task Events_and_gaps_come_in_their_place()
    {
        await using var host = await JoinHost.StartAsync(options => options.LateLimit = TimeSpan.FromSeconds(1));
        await using var client = await host.JoinAsync("0");
        MediaMark[] marks = [Chunks.Dtmf(320, 11), new() { Kind = MarkKind.Hold, Position = 960, Code = 1 }, new() { Kind = MarkKind.Resume, Position = 1600, Code = 1 }];
        await host.PublishAsync(new Section(0, Window) { Runs = [(0, Window)], Marks = marks }, Section.Audio(1, 0, Window));
        host.Miss(windows: 2);
        await host.PublishAsync(windows: 11);
        await host.EndAsync();

        var heard = await client.EndAsync();

        Assert.Equal(
            [
                """{"type":"dtmf","digit":"#","event":11,"position":320}""",
                """{"type":"hold","by":"callee","position":960}""",
                """{"type":"resume","by":"callee","position":1600}""",
                """{"type":"gap","samples":3200,"position":1600}""",
            ],
            heard.Texts[1..^1].Select(text => text.GetRawText()));
        Assert.Equal([0, 640, 1920, 3200, 3200, heard.Audio.Count], heard.TextsAfter);
        Assert.Equal([.. Pcm.Bytes(0, 0, Window), .. Pcm.Silence(2 * Window), .. Pcm.Bytes(0, 3 * Window, 14 * Window)], heard.Audio);
    }

    [Fact]
    public async Task A_role_that_never_spoke_has_a_start_and_an_end_and_no_audio()
    {
        await using var host = await JoinHost.StartAsync();
        await using var client = await host.JoinAsync("1");
        await host.PublishAsync(Section.Audio(0, 0, Window), new Section(1, -1));
        await host.PublishAsync(new Section(0, Window) { Marks = [Chunks.End(Window)] }, new Section(1, -1) { Marks = [Chunks.End(0)] });

        var heard = await client.EndAsync();

        Assert.Equal(["start", "end"], heard.Texts.Select(text => text.GetProperty("type").GetString()));
        Assert.Empty(heard.Audio);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, heard.Closed);
    }

    [Fact]
    public async Task With_the_last_listener_the_tap_is_closed_and_who_comes_later_opens_another()
    {
        await using var host = await JoinHost.StartAsync();
        await using (var client = await host.JoinAsync("0"))
        {
            await host.PublishAsync(windows: 10);
            await client.StartedAsync();
            await client.LeaveAsync();
        }

        await Eventually.HoldsAsync(() => host.Counts["callmirror.gateway.join.taps"] == 0, "the tap is closed");
        await host.PublishAsync(windows: 1);
        Assert.Equal(1, host.Counts["callmirror.messaging.dropped callmirror.pcm no-lane"]);
        Assert.Equal(1, host.Counts["callmirror.gateway.join.left left"]);

        await using var again = await host.JoinAsync("0");
        await host.PublishAsync(windows: 10);
        await host.EndAsync();
        Assert.Equal(Pcm.Bytes(0, 11 * Window, 21 * Window), (await again.EndAsync()).Audio);
    }

    [Fact]
    public async Task A_call_that_sip_has_ended_and_whose_audio_has_no_end_ends_after_a_while()
    {
        await using var host = await JoinHost.StartAsync(options => options.StallLimit = TimeSpan.FromSeconds(0.1));
        await using var client = await host.JoinAsync("0");
        await host.PublishAsync(windows: 1);

        host.Taps.OverBySip(new CallEnded { CallId = Chunks.CallId, At = Chunks.StartedAt, Reason = EndReason.Bye });

        var heard = await client.EndAsync();
        Assert.Equal("bye", heard.Last.GetProperty("reason").GetString());
        Assert.Equal(Pcm.Bytes(0, 0, Window), heard.Audio);
    }

    [Fact]
    public async Task A_stop_gives_what_is_there_and_closes_with_1001()
    {
        await using var host = await JoinHost.StartAsync();
        await using var client = await host.JoinAsync("0");
        await using var stereo = await host.JoinAsync("stereo");
        await host.PublishAsync(windows: 3);

        await host.StopAsync();

        var heard = await client.EndAsync();
        Assert.Equal(Pcm.Bytes(0, 0, 3 * Window), heard.Audio);
        Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "stopping: the gateway stops; join again"), (heard.Closed, client.CloseReason));
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, (await stereo.EndAsync()).Closed);
        Assert.Equal(0, host.Counts["callmirror.gateway.join.listeners"]);
    }
}
