namespace CallMirror.WsSink.Tests;

/// <summary>What is stored is never overwritten: what would have the same name gets another.</summary>
public sealed class TakeTests
{
    [Fact]
    public async Task A_call_that_is_sent_once_more_is_stored_beside_the_first()
    {
        await using var sink = await SinkFixture.StartAsync();
        await SendAsync(sink, "a-0", 320);
        await SendAsync(sink, "a-1", 320);
        await SendAsync(sink, "a-0", 640);
        await SendAsync(sink, "a-1", 640);
        Assert.Equal(
            ["a-0.pcm", "a-0.wav", "a-1.pcm", "a-1.wav", "a.2-0.pcm", "a.2-0.wav", "a.2-1.pcm", "a.2-1.wav", "a.2.json", "a.2.wav", "a.json", "a.wav"],
            sink.Files());
        Assert.Equal(SinkClient.Pcm(0, 320), sink.Bytes("a-0.pcm"));
        Assert.Equal(SinkClient.Pcm(0, 640), sink.Bytes("a.2-1.pcm"));
        Assert.Equal(("a.2", "id of a"), (sink.Sidecar("a.2").Name, sink.Sidecar("a.2").CallId));
    }

    [Fact]
    public async Task Resuming_goes_on_with_the_latest_take()
    {
        await using var sink = await SinkFixture.StartAsync();
        await SendAsync(sink, "a-0", 320);
        await SendAsync(sink, "a-0", 640);
        using var client = await sink.ConnectAsync();
        await client.SendAsync(SinkClient.Start("a-0.640", 640, resumes: "a-0"));
        Assert.Equal(640, await client.AckAsync());
        await client.SendAudioAsync(640, 320);
        await client.FinishAsync(960);
        Assert.Equal(SinkClient.Pcm(0, 960), sink.Bytes("a.2-0.pcm"));
        Assert.Equal(SinkClient.Pcm(0, 320), sink.Bytes("a-0.pcm"));
    }

    [Fact]
    public async Task A_file_of_another_program_is_left_alone()
    {
        await using var sink = await SinkFixture.StartAsync();
        await File.WriteAllTextAsync(sink.In("a-0.pcm"), "mine", SinkFixture.Cancel);
        await SendAsync(sink, "a-0", 320);
        Assert.Equal("mine"u8, sink.Bytes("a-0.pcm"));
        Assert.Equal(SinkClient.Pcm(0, 320), sink.Bytes("a.2-0.pcm"));
    }

    [Fact]
    public async Task A_sidecar_that_makes_no_sense_is_left_alone()
    {
        await using var sink = await SinkFixture.StartAsync();
        await File.WriteAllTextAsync(sink.In("a.json"), """{"name":"a","call_id":"id of a","streams":[{"tag":"../x-0"}],"events":[]}""", SinkFixture.Cancel);
        await SendAsync(sink, "a-0", 320);
        Assert.Contains("a.2-0.pcm", sink.Files());
        Assert.StartsWith("""{"name":"a",""", await File.ReadAllTextAsync(sink.In("a.json"), SinkFixture.Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_whose_name_is_that_of_a_stream_gets_files_of_its_own()
    {
        await using var sink = await SinkFixture.StartAsync();
        await SendAsync(sink, "a-0", 320);
        await SendAsync(sink, "a-0-1", 640);
        Assert.Equal(SinkClient.Pcm(0, 320), sink.Bytes("a-0.wav")[44..]);
        Assert.Contains("a-0.2-1.wav", sink.Files());
        Assert.Contains("a-0.2.wav", sink.Files());
    }

    [Fact]
    public async Task A_stream_whose_name_is_that_of_a_call_gets_files_of_its_own()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var first = await sink.StartStreamAsync("a-0-1");
        await SendAsync(sink, "a-0", 320);
        await first.SendAudioAsync(0, 640);
        await first.FinishAsync(640);
        Assert.Equal(44 + (640 * 4), sink.Bytes("a-0.wav").Length);
        Assert.Equal(SinkClient.Pcm(0, 320), sink.Bytes("a.2-0.wav")[44..]);
    }

    [Fact]
    public async Task A_call_with_the_same_name_and_another_call_id_is_another_call()
    {
        await using var sink = await SinkFixture.StartAsync();
        using var first = await sink.StartStreamAsync("a-0");
        using var second = await sink.ConnectAsync();
        var start = SinkClient.Start("a-1");
        start["call_id"] = "another";
        await second.SendAsync(start);
        await second.AckAsync();
        await second.FinishAsync(0);
        await first.FinishAsync(0);
        Assert.Equal(("id of a", "another"), (sink.Sidecar("a").CallId, sink.Sidecar("a.2").CallId));
    }

    private static async Task SendAsync(SinkFixture sink, string tag, int samples)
    {
        using var client = await sink.StartStreamAsync(tag);
        await client.SendAudioAsync(0, samples);
        await client.FinishAsync(samples);
    }
}
