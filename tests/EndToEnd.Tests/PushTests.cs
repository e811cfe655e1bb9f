using CallMirror.AllInOne.Commands;
using CallMirror.WsSink;
using Microsoft.Extensions.Logging.Abstractions;

namespace CallMirror.EndToEnd.Tests;

/// <summary><c>push</c>: an L16 file to a listener.</summary>
public sealed class PushTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _audio = new byte[2 * 54_321];

    public PushTests()
    {
        new Random(7).NextBytes(_audio);
        File.WriteAllBytes(_folder["speech.pcm"], _audio);
        Directory.CreateDirectory(_folder["got"]);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(16000)]
    [InlineData(8000)]
    public async Task The_sink_stores_the_same_bytes(int rate)
    {
        var options = new SinkOptions { Directory = _folder["got"], Port = 0, PagePort = null };
        await using (var sink = await SinkServer.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken))
        {
            Assert.Equal(0, await PushAsync(sink.WebSocketUri, rate, "max"));
            await sink.AllStreamsEndedAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(_audio, await File.ReadAllBytesAsync(Path.Combine(_folder["got"], "speech-0.pcm"), TestContext.Current.CancellationToken));
        var stream = Sidecar.ReadAll(_folder["got"])["speech"].Stream(0);
        Assert.Equal((rate, "bye"), (stream.GetProperty("sample_rate").GetInt32(), stream.GetProperty("end_reason").GetString()));
    }

    [Fact]
    public async Task A_plain_listener_gets_the_same_bytes_and_one_end()
    {
        await using var listener = await PlainListener.StartAsync(_folder["got"]);

        Assert.Equal(0, await PushAsync(listener.Url, 16000, "max"));

        Assert.Equal(_audio, await File.ReadAllBytesAsync(Path.Combine(_folder["got"], "speech-0.pcm"), TestContext.Current.CancellationToken));
        Assert.Equal("speech-0", Assert.Single(listener.Ended));
    }

    [Fact]
    public async Task At_a_speed_it_takes_the_time_that_the_audio_takes()
    {
        await using var listener = await PlainListener.StartAsync(_folder["got"]);
        long started = TimeProvider.System.GetTimestamp();

        Assert.Equal(0, await PushAsync(listener.Url, 16000, "4"));

        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 54_321 / 16000.0 / 4, 10);
        Assert.Equal(_audio, await File.ReadAllBytesAsync(Path.Combine(_folder["got"], "speech-0.pcm"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Headers_and_the_bearer_token_go_with_the_upgrade()
    {
        await using var listener = await PlainListener.StartAsync(_folder["got"]);

        Assert.Equal(0, await PushAsync(listener.Url, 16000, "max", "--bearer", "secret"));

        Assert.Equal("Bearer secret", Assert.Single(listener.Authorizations));
    }

    [Theory]
    [InlineData("RIFF\0\0\0\0WAVEfmt ", "a WAV file")]
    [InlineData("OggS\0\0\0\0", "an Ogg file")]
    [InlineData("\0\0\0\u0018ftypM4A ", "an MP4 file")]
    public async Task A_file_that_is_no_bare_L16_is_refused_with_how_to_make_one(string head, string name)
    {
        string file = _folder["speech.any"];
        await File.WriteAllTextAsync(file, head, System.Text.Encoding.Latin1, TestContext.Current.CancellationToken);

        var result = await CommandLine.RunAsync("push", file, "--url", "ws://127.0.0.1:9", "--rate", "8000");

        Assert.Equal($"callmirror: {file} is {name}, not bare L16; make one with: sox FILE -t raw -e signed -b 16 -L -r 8000 -c 1 FILE.pcm", result.AssertFailed());
    }

    [Fact]
    public async Task An_empty_file_is_refused()
    {
        await File.WriteAllBytesAsync(_folder["empty.pcm"], [], TestContext.Current.CancellationToken);

        var result = await CommandLine.RunAsync("push", _folder["empty.pcm"], "--url", "ws://127.0.0.1:9");

        Assert.Equal($"callmirror: {_folder["empty.pcm"]} is empty", result.AssertFailed());
    }

    private Task<int> PushAsync(Uri url, int rate, string speed, params string[] more) =>
        CallMirrorCommand.RunAsync(["push", _folder["speech.pcm"], "--url", url.ToString(), "--rate", $"{rate}", "--speed", speed, .. more]);
}
