namespace CallMirror.EndToEnd.Tests;

/// <summary>The stereo WAV of a call.</summary>
public sealed class StereoTests
{
    [Theory]
    [InlineData("bridge-pcma")]
    [InlineData("hold-resume")]
    public async Task Caller_is_left_and_callee_right_each_where_it_was_heard(string capture)
    {
        using var folder = new TemporaryFolder();
        await Runs.ToSinkAsync(Runs.Capture(capture), folder.Path);

        foreach (var call in Sidecar.ReadAll(folder.Path).Values)
        {
            var wav = Wav.Read(folder[call.Text("stereo_wav")!]);
            Assert.Equal((16000, 2), (wav.Rate, wav.Channels));
            long first = call.Streams.Min(FirstPosition);
            long end = call.Streams.Max(stream => FirstPosition(stream) + stream.GetProperty("samples").GetInt64());
            Assert.Equal(end - first, wav.Samples.Length / 2);
            foreach (int role in (int[])[0, 1])
                AssertChannel(wav.Channel(role), Runs.Samples(folder[call.Stream(role).GetProperty("pcm").GetString()!]), FirstPosition(call.Stream(role)) - first);
        }
    }

    private static void AssertChannel(short[] channel, short[] stream, long offset)
    {
        int at = (int)offset;
        Assert.True(channel.AsSpan(at, stream.Length).SequenceEqual(stream));
        Assert.False(channel.AsSpan(0, at).ContainsAnyExcept((short)0));
        Assert.False(channel.AsSpan(at + stream.Length).ContainsAnyExcept((short)0));
    }

    private static long FirstPosition(System.Text.Json.JsonElement stream) => stream.GetProperty("first_position").GetInt64();
}
