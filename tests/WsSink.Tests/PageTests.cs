using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace CallMirror.WsSink.Tests;

public sealed class PageTests
{
    [Theory]
    [InlineData("", "text/html")]
    [InlineData("page.js", "text/javascript")]
    [InlineData("page.css", "text/css")]
    [InlineData("health", null)]
    [InlineData("alive", null)]
    public async Task The_page_and_its_parts_are_served(string path, string? type)
    {
        await using var sink = await SinkFixture.StartAsync();
        using var http = Http(sink);
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), SinkFixture.Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.NotEmpty(await response.Content.ReadAsByteArrayAsync(SinkFixture.Cancel));
        Assert.StartsWith("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_are_listed_as_they_come_the_latest_first()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var http = Http(sink);
        using var ended = await sink.StartStreamAsync("old-0");
        await ended.FinishAsync(0);
        using var live = await sink.StartStreamAsync("new-1", position: 50);
        await live.SendAudioAsync(50, 320);
        await live.SendEventAsync("dtmf", 370, "9");
        await sink.StoredAsync("new-1.pcm", 320);
        await SinkFixture.UntilAsync(async () => (await ListAsync(http))["calls"]![0]!["events"]!.AsArray().Count == 1);

        var list = await ListAsync(http);
        Assert.Equal(["new", "old"], list["calls"]!.AsArray().Select(call => (string)call!["name"]!));
        var stream = list["calls"]![0]!["streams"]![0]!;
        Assert.Equal(("live", 50, 320), ((string)stream["state"]!, (long)stream["first_position"]!, (long)stream["samples"]!));
        Assert.Equal("ended", (string)list["calls"]![1]!["streams"]![0]!["state"]!);
        Assert.Equal((2, 1), ((long)list["totals"]!["streams_begun"]!, (long)list["totals"]!["streams_open"]!));
    }

    [Theory]
    [InlineData("a-0.wav", "audio/wav")]
    [InlineData("a.wav", "audio/wav")]
    [InlineData("a.json", "application/json")]
    [InlineData("a-0.pcm", "application/octet-stream")]
    public async Task Files_of_known_calls_are_served_whole_and_in_ranges(string name, string type)
    {
        await using var sink = await SinkFixture.StartAsync();
        using var http = Http(sink);
        using var client = await sink.StartStreamAsync("a-0");
        await client.SendAudioAsync(0, 320);
        await client.FinishAsync(320);

        using var whole = await http.GetAsync(new Uri("files/" + name, UriKind.Relative), SinkFixture.Cancel);
        Assert.Equal(type, whole.Content.Headers.ContentType?.MediaType);
        Assert.Equal(sink.Bytes(name), await whole.Content.ReadAsByteArrayAsync(SinkFixture.Cancel));

        using var request = new HttpRequestMessage(HttpMethod.Get, "files/" + name) { Headers = { Range = new RangeHeaderValue(10, 19) } };
        using var part = await http.SendAsync(request, SinkFixture.Cancel);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(sink.Bytes(name)[10..20], await part.Content.ReadAsByteArrayAsync(SinkFixture.Cancel));
    }

    [Theory]
    [InlineData("secret.txt")]
    [InlineData("secret.wav")]
    [InlineData("a-0.part")]
    [InlineData("..%2Fsecret.txt")]
    [InlineData("%2Fetc%2Fpasswd")]
    [InlineData(".ws-sink.lock")]
    [InlineData("a-1.wav")]
    public async Task No_other_file_is_served(string name)
    {
        await using var sink = await SinkFixture.StartAsync();
        using var http = Http(sink);
        using var client = await sink.StartStreamAsync("a-0");
        await File.WriteAllTextAsync(sink.In("secret.txt"), "secret", SinkFixture.Cancel);
        await File.WriteAllTextAsync(sink.In("secret.wav"), "secret", SinkFixture.Cancel);
        Assert.True(File.Exists(sink.In("a-0.part")));
        using var response = await http.GetAsync(new Uri("files/" + name, UriKind.Relative), SinkFixture.Cancel);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Of_ended_calls_the_most_recent_are_kept_in_memory()
    {
        await using var sink = await SinkFixture.StartAsync(options => options with { RecentCalls = 2 });
        foreach (var tag in new[] { "a-0", "b-0", "c-0" })
        {
            using var client = await sink.StartStreamAsync(tag);
            await client.FinishAsync(0);
        }
        await sink.Server.AllStreamsEndedAsync(SinkFixture.Cancel);
        Assert.Equal(["c", "b"], sink.Server.Snapshot().Calls.Select(call => call.Name));
        Assert.Equal(3, sink.Server.Snapshot().Totals.StreamsEnded);
        Assert.True(File.Exists(sink.In("a.json")));
    }

    private static HttpClient Http(SinkFixture sink) => new() { BaseAddress = sink.Server.PageUri };

    private static async Task<JsonNode> ListAsync(HttpClient http) =>
        JsonNode.Parse(await http.GetStringAsync(new Uri("api/calls", UriKind.Relative), SinkFixture.Cancel))!;
}
