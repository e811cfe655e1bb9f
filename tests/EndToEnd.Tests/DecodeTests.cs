using CallMirror.AllInOne.Commands;
using CallMirror.Audio.G711;
using CallMirror.Audio.Resampling;

namespace CallMirror.EndToEnd.Tests;

/// <summary><c>decode</c>: a G.711 file as the transcoder would make it.</summary>
public sealed class DecodeTests : IDisposable
{
    // Longer than the blocks that the command decodes at a time, so that their seams are in it.
    private const int Samples = 200_001;
    private const int Block = 1 << 16;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("pcma", 8, 8000)]
    [InlineData("pcma", 8, 16000)]
    [InlineData("pcmu", 0, 8000)]
    [InlineData("pcmu", 0, 16000)]
    public async Task Each_code_becomes_the_sample_of_the_standard(string codec, int payloadType, int rate)
    {
        byte[] codes = new byte[Samples];
        new Random(4711).NextBytes(codes);
        await File.WriteAllBytesAsync(_folder["in"], codes, TestContext.Current.CancellationToken);

        Assert.Equal(0, await CallMirrorCommand.RunAsync(["decode", _folder["in"], _folder["out"], "--codec", codec, "--rate", $"{rate}"]));

        short[] samples = Runs.Samples(_folder["out"]);
        Assert.Equal(Samples * (rate / 8000), samples.Length);
        Assert.Equal(G711Formula.Decode(payloadType, codes), rate == 16000 ? Runs.Even(samples) : samples);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Block)]
    [InlineData(Block + HalfBandInterpolator.Reach)]
    [InlineData(Block + (2 * HalfBandInterpolator.Reach))]
    [InlineData(Block + (2 * HalfBandInterpolator.Reach) + 1)]
    [InlineData((3 * Block) + 7)]
    public async Task Its_blocks_have_no_seams(int samples)
    {
        byte[] codes = new byte[samples];
        new Random(samples).NextBytes(codes);
        await File.WriteAllBytesAsync(_folder["in"], codes, TestContext.Current.CancellationToken);
        short[] whole = new short[2 * samples];
        G711Upsampler.Decode(G711Law.ALaw, codes, 0, samples, whole);

        Assert.Equal(0, await CallMirrorCommand.RunAsync(["decode", _folder["in"], _folder["out"]]));

        Assert.Equal(whole, Runs.Samples(_folder["out"]));
    }

    [Theory]
    [InlineData("pcmu", "pcmu")]
    [InlineData("linktype-any", "pcma")]
    public async Task It_gives_the_bits_that_a_listener_got_of_the_same_stream(string capture, string codec)
    {
        Assert.Equal(0, (await Runs.ToSinkAsync(Runs.Capture(capture), _folder["sink"])).ExitCode);
        string extension = codec == "pcma" ? ".alaw" : ".ulaw";
        Assert.Equal(0, (await CommandLine.RunAsync("extract", "--pcap", TestData.Capture(capture), "--out", _folder["extracted"])).ExitCode);

        int compared = 0;
        foreach (string payload in Directory.GetFiles(_folder["extracted"], "*" + extension))
        {
            byte[] heard = await File.ReadAllBytesAsync(Path.Combine(_folder["sink"], Path.GetFileNameWithoutExtension(payload) + ".pcm"), TestContext.Current.CancellationToken);
            if (heard.Length != new FileInfo(payload).Length * 4)
                continue;
            Assert.Equal(0, await CallMirrorCommand.RunAsync(["decode", payload, _folder["decoded"], "--codec", codec]));
            Assert.Equal(heard, await File.ReadAllBytesAsync(_folder["decoded"], TestContext.Current.CancellationToken));
            compared++;
        }

        Assert.NotEqual(0, compared);
    }

    [Theory]
    [InlineData("RIFF\0\0\0\0WAVEfmt ", "a WAV file")]
    [InlineData("\u00d4\u00c3\u00b2\u00a1\u0002\0\u0004\0", "a capture (pcap)")]
    public async Task A_file_that_is_no_bare_G711_is_refused_and_nothing_is_written(string head, string name)
    {
        string file = _folder["speech.any"];
        await File.WriteAllTextAsync(file, head, System.Text.Encoding.Latin1, TestContext.Current.CancellationToken);

        var result = await CommandLine.RunAsync("decode", file, _folder["out.pcm"]);

        Assert.Equal($"callmirror: {file} is {name}, not bare G.711; make one with: sox FILE -t al -r 8000 -c 1 FILE.al, or -t ul", result.AssertFailed());
        Assert.False(File.Exists(_folder["out.pcm"]));
    }
}
