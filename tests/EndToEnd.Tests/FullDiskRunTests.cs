namespace CallMirror.EndToEnd.Tests;

/// <summary>A disk that fills under the sink of a <c>run</c>: what is stored is right, and the report tells it from what is not.</summary>
public sealed class FullDiskRunTests : IDisposable
{
    private const string Capture = "bridge-pcma";

    private readonly TemporaryFolder _whole = new();
    private readonly SmallDisk _disk = new(kilobytes: 1024, free: 400);

    public void Dispose()
    {
        _whole.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public async Task Each_stream_is_stored_as_far_as_the_report_says_and_no_further()
    {
        Assert.SkipUnless(_disk.IsThere, "this user may not mount a disk of its own");
        await Runs.ToSinkAsync(Runs.Capture(Capture), _whole.Path);

        var result = await CommandLine.RunAsync("run", "--pcap", TestData.Capture(Capture), "--speed", "max", "--sink", _disk.Path, "--json");

        Assert.Equal(1, result.ExitCode);
        Assert.True(result.ErrorLines.Length < 10, result.Errors);
        Assert.Contains("is full", result.Errors, StringComparison.Ordinal);
        var streams = Report.Parse(result.Output).Streams;
        Assert.NotEmpty(streams);
        foreach (var stream in streams)
        {
            string name = stream.GetProperty("tag").GetString() + ".pcm";
            byte[] stored = Bytes(_disk.Path, name), whole = Bytes(_whole.Path, name);
            var pushed = Assert.Single(stream.GetProperty("pushed").EnumerateArray());
            long position = pushed.TryGetProperty("stored_position", out var told) ? told.GetInt64() : pushed.GetProperty("start").GetInt64();
            Assert.Equal(2 * (position - pushed.GetProperty("start").GetInt64()), stored.Length);
            Assert.Equal(whole[..stored.Length], stored);
            Assert.Equal(stored.Length < whole.Length, pushed.TryGetProperty("failure", out _));
        }

        Assert.Contains(streams, stream => Bytes(_disk.Path, stream.GetProperty("tag").GetString() + ".pcm").Length > 0);
    }

    private static byte[] Bytes(string folder, string name) =>
        File.Exists(Path.Combine(folder, name)) ? File.ReadAllBytes(Path.Combine(folder, name)) : [];
}
