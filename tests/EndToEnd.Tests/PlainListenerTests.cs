namespace CallMirror.EndToEnd.Tests;

/// <summary>An ordinary listener, which knows nothing of positions, events or acks, works unchanged.</summary>
public sealed class PlainListenerTests
{
    [Theory]
    [InlineData("bridge-pcma")]
    [InlineData("dtmf")]
    [InlineData("hold-resume")]
    [InlineData("concurrent-20")]
    public async Task It_ends_up_with_the_right_files(string capture)
    {
        using var folder = new TemporaryFolder();
        await using var listener = await PlainListener.StartAsync(folder.Path);

        Assert.Equal(0, (await Runs.ToListenerAsync(Runs.Capture(capture), listener.Url, bearerToken: "secret")).ExitCode);

        Runs.AssertExact(GroundTruth.Read(TestData.Capture(capture)), Runs.DecodedStreams(folder.Path));
        Assert.Equal(listener.Streams.Keys.Order(), listener.Ended.Order());
        Assert.All(listener.Streams.Values, stream => Assert.All(stream.Frames.SkipLast(1), size => Assert.Equal(640, size)));
        Assert.All(listener.Authorizations, header => Assert.Equal("Bearer secret", header));
    }

    [Fact]
    public async Task It_and_the_sink_of_the_same_run_store_the_same_bytes()
    {
        using var plain = new TemporaryFolder();
        using var sink = new TemporaryFolder();
        await using var listener = await PlainListener.StartAsync(plain.Path);

        Assert.Equal(0, (await Runs.ToListenerAsync(Runs.Capture("transfer-blind"), listener.Url, sink.Path)).ExitCode);

        SameFiles.Assert(sink.Path, plain.Path);
    }
}
