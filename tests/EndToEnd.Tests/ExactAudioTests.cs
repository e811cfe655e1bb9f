namespace CallMirror.EndToEnd.Tests;

/// <summary>Every real capture, held sample by sample against an independent reading of its packets.</summary>
public sealed class ExactAudioTests
{
    // Their audio is encrypted, or in a codec that is not decoded yet.
    private static readonly HashSet<string> Silent = ["srtp-sdes", "g722", "opus"];

    public static TheoryData<string> Captures => [.. TestData.CaptureNames.Where(name => !name.EndsWith("-pcapng", StringComparison.Ordinal))];

    /// <summary>The streams whose audio must come out of a capture.</summary>
    internal static IReadOnlyList<TrueStream> Truth(string capture) => Silent.Contains(capture) ? [] : GroundTruth.Read(TestData.Capture(capture));

    [Theory]
    [MemberData(nameof(Captures))]
    public async Task Every_sample_of_every_packet_arrives_once_in_order_and_in_its_place(string capture)
    {
        using var folder = new TemporaryFolder();

        Assert.Equal(0, (await Runs.ToSinkAsync(Runs.Capture(capture), folder.Path)).ExitCode);

        Runs.AssertExact(Truth(capture), Runs.DecodedStreams(folder.Path));
    }

    [Theory]
    [InlineData("bridge-pcma")]
    [InlineData("pcmu")]
    [InlineData("gaps")]
    public async Task Kept_at_8_kHz_the_decoded_samples_arrive_as_they_are(string capture)
    {
        using var folder = new TemporaryFolder();

        Assert.Equal(0, (await Runs.ToSinkAsync(Runs.Capture(capture), folder.Path, rate: 8000)).ExitCode);

        Runs.AssertExact(GroundTruth.Read(TestData.Capture(capture)), Runs.DecodedStreams(folder.Path, rate: 8000));
    }

    [Fact]
    public async Task A_pcapng_gives_the_same_files_as_the_pcap_of_the_same_call()
    {
        using var pcap = new TemporaryFolder();
        using var pcapng = new TemporaryFolder();

        await Runs.ToSinkAsync(Runs.Capture("bridge-pcma"), pcap.Path);
        await Runs.ToSinkAsync(Runs.Capture("bridge-pcma-pcapng"), pcapng.Path);

        SameFiles.Assert(pcap.Path, pcapng.Path);
    }

    [Fact]
    public void Every_capture_but_the_silent_ones_with_rtp_has_true_streams()
    {
        string[] withoutRtp = ["auth-wrong-password", "busy", "cancel", "notfound-404", "options-ping"];
        var empty = TestData.CaptureNames.Except(["bridge-pcma-pcapng"]).Where(name => GroundTruth.Read(TestData.Capture(name)).Count == 0);

        Assert.Equal([.. withoutRtp, "g722", "opus"], empty.Order(StringComparer.Ordinal).OrderBy(name => name is "g722" or "opus"));
    }
}
