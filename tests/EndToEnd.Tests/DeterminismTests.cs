namespace CallMirror.EndToEnd.Tests;

/// <summary>A capture gives the same bytes however fast it is played and however it is cut into windows.</summary>
public sealed class DeterminismTests
{
    [Theory]
    [InlineData("bridge-pcma-reorder")]
    [InlineData("bridge-pcma-loss3")]
    [InlineData("bridge-pcma-dup")]
    [InlineData("early-media-fail")]
    [InlineData("hold-inactive-c0")]
    [InlineData("bye-missing")]
    [InlineData("reneg-codec")]
    [InlineData("port-reuse")]
    [InlineData("gaps")]
    [InlineData("bridge-pcma-nohead")]
    public async Task Windows_of_20_and_of_200_ms_give_the_same_bytes(string capture)
    {
        using var narrow = new TemporaryFolder();
        using var wide = new TemporaryFolder();

        await Runs.ToSinkAsync(Runs.Capture(capture) with { Window = TimeSpan.FromMilliseconds(20) }, narrow.Path);
        await Runs.ToSinkAsync(Runs.Capture(capture) with { Window = TimeSpan.FromMilliseconds(200) }, wide.Path);

        SameFiles.Assert(narrow.Path, wide.Path);
    }

    [Fact]
    public async Task Real_time_gives_the_same_bytes_as_no_waiting()
    {
        string[] captures = ["linktype-any", "gaps", "port-reuse", "bridge-pcma-nohead"];
        using var fast = new TemporaryFolder();
        using var real = new TemporaryFolder();
        foreach (string capture in captures)
            await Runs.ToSinkAsync(Runs.Capture(capture), fast[capture]);

        await Task.WhenAll(captures.Select(capture => Runs.ToSinkAsync(Runs.Capture(capture) with { Speed = 1 }, real[capture])));

        foreach (string capture in captures)
            SameFiles.Assert(fast[capture], real[capture]);
    }
}
