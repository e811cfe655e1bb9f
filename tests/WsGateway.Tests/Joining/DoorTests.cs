using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json;
using CallMirror.Contracts.Calls;
using CallMirror.WsGateway.Joining;
using CallMirror.WsGateway.Tests.Assembly;
using CallMirror.WsGateway.Tests.Calls;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CallMirror.WsGateway.Tests.Joining;

/// <summary>Who is let in, who is not and why, and what the list says.</summary>
public sealed class DoorTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 5, 6, 7, 891, TimeSpan.FromHours(2));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_list_says_what_has_been_said_of_each_call()
    {
        await using var host = await JoinHost.StartAsync();
        host.Directory.End(Chunks.Key);
        const string Call = "a/b 1@pbx";
        host.Directory.Apply(new CallStarted { CallId = Call, CorrelationId = "c-1", At = Start, From = "sip:+49301234@pbx", To = "sip:1001@pbx" });
        host.Directory.Apply(new MediaNegotiated
        {
            CallId = Call,
            At = Start,
            StartedAt = Start,
            Version = 1,
            Streams =
            [
                new NegotiatedStream { Role = 1, Formats = [], Encrypted = true },
                new NegotiatedStream { Role = 0, Formats = [Format(8, "PCMA"), Format(101, "TELEPHONE-EVENT"), Format(0, "PCMU")] },
            ],
        });
        host.Directory.Apply(new CallAnswered { CallId = Call, At = Start.AddSeconds(2) });

        Assert.Equal(
            """[{"call_id":"a/b 1@pbx","sip_call_id":null,"correlation_id":"c-1","state":"answered","from":"sip:\u002B49301234@pbx","to":"sip:1001@pbx","started_at":"2026-03-04T03:06:07.891Z","answered_at":"2026-03-04T03:06:09.891Z","listeners":0,"streams":[{"role":0,"direction":"caller","codecs":["PCMA","PCMU"],"encrypted":false,"path":"/v1/calls/a%2Fb%201%40pbx/0"},{"role":1,"direction":"callee","codecs":[],"encrypted":true,"path":"/v1/calls/a%2Fb%201%40pbx/1"}],"stereo_path":"/v1/calls/a%2Fb%201%40pbx/stereo"}]""",
            (await host.ListAsync()).GetRawText());
    }

    [Fact]
    public async Task The_list_follows_the_call_events_of_the_bus()
    {
        await using var host = await JoinHost.StartAsync();
        host.Directory.End(Chunks.Key);
        var bus = host.Services.GetRequiredService<IBus>();

        await SayAsync(new CallStarted { CallId = "call", At = Start }, "ringing");
        await SayAsync(GatewayUnderTest.Negotiated("call") with { IsFound = true }, "found");
        await SayAsync(new CallAnswered { CallId = "call", At = Start }, "answered");
        await SayAsync(new CallHeld { CallId = "call", At = Start, By = 1 }, "held");
        await SayAsync(new CallResumed { CallId = "call", At = Start, By = 1 }, "answered");
        await SayAsync(new CallEnded { CallId = "call", At = Start, Reason = EndReason.Bye }, null);
        Assert.True(host.Directory.HasEnded("call"));

        async Task SayAsync(CallEvent said, string? state)
        {
            await bus.Publish(said, said.GetType(), Cancel);
            await Eventually.HoldsAsync(() => host.Directory.Calls.SingleOrDefault()?.State == state, $"the call is {state}");
        }
    }

    [Fact]
    public async Task Beyond_so_many_calls_the_oldest_is_forgotten_and_counted()
    {
        await using var host = await JoinHost.StartAsync(options => options.MaxCalls = 2);
        host.Up("second");
        host.Up("third");
        Assert.Equal(["second", "third"], host.Directory.Calls.Select(call => call.CallId).Order());
        Assert.Equal(1, host.Counts["callmirror.gateway.join.calls.forgotten"]);
    }

    [Theory]
    [InlineData("call-1@pbx")]
    [InlineData("a/b?c=1#d%2F+e é\"<>")]
    [InlineData("..%2e")]
    public async Task Any_call_id_can_be_joined_percent_encoded(string callId)
    {
        await using var host = await JoinHost.StartAsync();
        host.Up(callId);
        string path = host.Directory.TryFind(callId, out var call) ? ListedCall.Of(call, 0).Streams[0].Path : "";
        await using var client = await JoinClient.ConnectAsync(new Uri(host.Address.ToString().Replace("http", "ws", StringComparison.Ordinal).TrimEnd('/') + path));
        Assert.Equal(1, host.Taps.ListenersOf(Chunks.KeyOf(callId)));
    }

    [Theory]
    [InlineData("GET", "v1/calls/nobody/0", 404, "No call nobody is up.")]
    [InlineData("GET", "v1/calls/ended%40pbx/0", 410, "Call ended@pbx has ended.")]
    [InlineData("GET", "v1/calls/call-1%40pbx/2", 400, "The role is 0 (caller), 1 (callee) or stereo.")]
    [InlineData("GET", "v1/calls/call-1%40pbx/stereo", 426, "This is a WebSocket: ask for an upgrade.")]
    [InlineData("POST", "v1/calls", 405, "Only GET is possible.")]
    [InlineData("GET", "v1/calls/call-1%40pbx", 404, "Here are /v1/calls and /v1/calls/{call-id}/{role}.")]
    [InlineData("GET", "", 404, "Here are /v1/calls and /v1/calls/{call-id}/{role}.")]
    public async Task What_can_not_be_is_said_in_a_sentence(string method, string path, int status, string sentence)
    {
        await using var host = await JoinHost.StartAsync();
        host.Up("ended@pbx");
        host.Directory.End(Chunks.KeyOf("ended@pbx"));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(host.Address, path));

        using var answer = await http.SendAsync(request, Cancel);

        await AssertRefusedAsync(answer, status, sentence);
        Assert.Equal(1, host.Counts[$"callmirror.gateway.join.refused {status}"]);
    }

    [Fact]
    public async Task With_a_token_only_those_who_have_it_are_let_in_web_pages_too()
    {
        await using var host = await JoinHost.StartAsync(options => options.ListenToken = "secret");
        foreach (string? authorization in new[] { null, "Bearer", "Bearer secre", "Bearer secrets", "Basic secret" })
        {
            using var refused = await GetAsync(host, authorization);
            await AssertRefusedAsync(refused, 401, "This needs the gateway's token, as Authorization: Bearer.");
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.Single().Scheme);
        }

        var error = await Assert.ThrowsAsync<WebSocketException>(() => JoinClient.ConnectAsync(JoinHost.Of(host.Address, "0")));
        Assert.Contains("401", error.Message, StringComparison.Ordinal);
        using var answer = await GetAsync(host, "Bearer secret", "https://page.example.com");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using var client = await JoinClient.ConnectAsync(JoinHost.Of(host.Address, "0"), token: "secret");
        Assert.Equal(1, host.Taps.ListenersOf(Chunks.Key));
    }

    [Fact]
    public async Task Without_a_token_no_web_page_is_let_in()
    {
        await using var host = await JoinHost.StartAsync();
        using var answer = await GetAsync(host, authorization: null, "https://page.example.com");
        await AssertRefusedAsync(answer, 403, "Web pages are let in only where the gateway has a token.");
    }

    [Fact]
    public async Task A_call_whose_audio_is_encrypted_can_not_be_joined()
    {
        await using var host = await JoinHost.StartAsync();
        host.Directory.Apply(GatewayUnderTest.Negotiated("secret", encrypted: true));
        var error = await Assert.ThrowsAsync<WebSocketException>(() => JoinClient.ConnectAsync(JoinHost.Of(host.Address, "0", "secret")));
        Assert.Contains("409", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 9)]
    [InlineData(9, 2)]
    public async Task One_listener_too_many_is_refused_until_another_leaves(int ofCall, int inAll)
    {
        await using var host = await JoinHost.StartAsync(options => (options.MaxListenersOfCall, options.MaxListeners) = (ofCall, inAll));
        await using var first = await host.JoinAsync("0");
        await using var second = await host.JoinAsync("stereo");
        var error = await Assert.ThrowsAsync<WebSocketException>(() => host.JoinAsync("1"));
        Assert.Contains("503", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, host.Counts["callmirror.gateway.join.refused 503"]);

        await first.LeaveAsync();

        await Eventually.HoldsAsync(() => host.Taps.ListenersOf(Chunks.Key) == 1, "its seat is free");
        await using var third = await host.JoinAsync("1");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error_and_wrong_settings_are_told_together()
    {
        await using var host = await JoinHost.StartAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => JoinHost.StartAsync(options => options.ListenPort = host.Address.Port));
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => JoinHost.StartAsync(options => (options.ListenHost, options.ListenPort, options.ListenKeep) = ("here", 70_000, TimeSpan.Zero)));
        Assert.Equal(3, error.Failures.Count());
    }

    private static async Task<HttpResponseMessage> GetAsync(JoinHost host, string? authorization, string? origin = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Address, "v1/calls"));
        request.Headers.Authorization = authorization is null ? null : AuthenticationHeaderValue.Parse(authorization);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        return await http.SendAsync(request, Cancel);
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage answer, int status, string sentence)
    {
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Equal((status, sentence), (problem.RootElement.GetProperty("status").GetInt32(), problem.RootElement.GetProperty("detail").GetString()));
    }

    private static PayloadFormat Format(int payloadType, string encoding) => new() { PayloadType = payloadType, Encoding = encoding, ClockRate = 8000 };
}
