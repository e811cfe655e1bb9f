using CallMirror.AllInOne.Commands;
using CallMirror.AllInOne.Embedded;

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
        var run = new Run { Input = Runs.Capture(capture), Push = new Listener(Run.PushGroup, listener.Url, [], "secret"), Json = true };

        Assert.Equal(0, await run.ExecuteAsync(TestContext.Current.CancellationToken));

        Runs.AssertExact(GroundTruth.Read(TestData.Capture(capture)), Runs.DecodedStreams(folder.Path));
        Assert.Equal(listener.Frames.Keys.Order(), listener.Ended.Order());
        Assert.All(listener.Frames.Values, sizes => Assert.All(sizes.SkipLast(1), size => Assert.Equal(640, size)));
        Assert.All(listener.Authorizations, header => Assert.Equal("Bearer secret", header));
    }

    [Fact]
    public async Task It_and_the_sink_of_the_same_run_store_the_same_bytes()
    {
        using var plain = new TemporaryFolder();
        using var sink = new TemporaryFolder();
        await using var listener = await PlainListener.StartAsync(plain.Path);
        var run = new Run
        {
            Input = Runs.Capture("transfer-blind"),
            Push = new Listener(Run.PushGroup, listener.Url, [], BearerToken: null),
            SinkFolder = sink.Path,
            Json = true,
        };

        Assert.Equal(0, await run.ExecuteAsync(TestContext.Current.CancellationToken));

        SameFiles.Assert(sink.Path, plain.Path);
    }
}
