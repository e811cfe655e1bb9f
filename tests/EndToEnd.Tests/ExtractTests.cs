using CallMirror.AllInOne.Extraction;
using CallMirror.Capture;
using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;

namespace CallMirror.EndToEnd.Tests;

/// <summary><c>extract</c>: payloads as captured, and WAVs.</summary>
public sealed class ExtractTests
{
    [Theory]
    [MemberData(nameof(ExactAudioTests.Captures), MemberType = typeof(ExactAudioTests))]
    public void Payloads_are_those_of_the_packets_and_the_wav_is_their_decode_with_silence_in_gaps(string capture)
    {
        using var folder = new TemporaryFolder();
        Extract(folder.Path, TestData.Capture(capture));

        var left = ExactAudioTests.Truth(capture).ToList();
        foreach (string path in Directory.GetFiles(folder.Path, "*.wav"))
        {
            byte[] alaw = Payload(path, ".alaw"), ulaw = Payload(path, ".ulaw");
            var wav = Wav.Read(path);
            var stream = left.Find(each => each.Payload(8).AsSpan().SequenceEqual(alaw) && each.Payload(0).AsSpan().SequenceEqual(ulaw));
            Assert.True(stream is not null, $"the payload of {Path.GetFileName(path)} is no stream's");
            Assert.Equal((8000, 1), (wav.Rate, wav.Channels));
            Assert.Null(Exactness.Fault(stream, wav.Samples));
            left.Remove(stream);
        }

        Assert.Empty(left);
    }

    [Theory]
    [MemberData(nameof(ExactAudioTests.Captures), MemberType = typeof(ExactAudioTests))]
    public void The_calls_are_those_of_freeswitchs_own_records(string capture)
    {
        using var folder = new TemporaryFolder();

        var calls = Extract(folder.Path, TestData.Capture(capture));

        var expected = capture switch
        {
            // Refused before it became a call of FreeSWITCH's; here it is one that failed.
            "auth-wrong-password" => ["4a2d09dfad3600fb"],
            // The tap began after their INVITEs: they are named by their addresses and the time of their first packet.
            "bridge-pcma-nohead" => ["rtp-192.168.137.100-28814-192.168.137.11-20330-1795347637156", "rtp-192.168.137.10-20370-192.168.137.100-22304-1795347637158"],
            _ => Scenario.CallIds(capture),
        };
        Assert.Equal(expected.Order(), calls.Order());
    }

    [Fact]
    public void A_codec_change_in_mid_call_gives_both_payload_files_and_one_wav()
    {
        using var folder = new TemporaryFolder();

        Extract(folder.Path, TestData.Capture("reneg-codec"));

        Assert.Equal(2, Directory.GetFiles(folder.Path, "*.alaw").Length);
        Assert.Equal(2, Directory.GetFiles(folder.Path, "*.ulaw").Length);
        Assert.Equal(2, Directory.GetFiles(folder.Path, "*.wav").Length);
    }

    [Fact]
    public async Task As_a_command_it_writes_the_same_and_reports_the_streams()
    {
        using var expected = new TemporaryFolder();
        using var actual = new TemporaryFolder();
        Extract(expected.Path, TestData.Capture("pcmu"));

        var result = await CommandLine.RunAsync("extract", "--pcap", TestData.Capture("pcmu"), "--out", actual.Path, "--json");

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        SameFiles.Assert(expected.Path, actual.Path, "*");
        Assert.Equal(GroundTruth.Read(TestData.Capture("pcmu")).Select(stream => (long)stream.SampleCount).Order(),
            Report.Parse(result.Output).Streams.Select(stream => stream.GetProperty("captured_samples").GetInt64()).Order());
    }

    [Fact]
    public async Task Of_a_truncated_capture_the_payload_up_to_there_is_kept()
    {
        using var folder = new TemporaryFolder();
        byte[] whole = await File.ReadAllBytesAsync(TestData.Capture("bridge-pcma"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder["cut.pcap"], whole[..^1000], TestContext.Current.CancellationToken);

        var result = await CommandLine.RunAsync("extract", "--pcap", folder["cut.pcap"], "--out", folder["out"]);

        Assert.Contains("is damaged", result.AssertFailed(), StringComparison.Ordinal);
        Assert.Equal(
            GroundTruth.Read(folder["cut.pcap"]).Select(stream => (long)stream.SampleCount).Order(),
            Directory.GetFiles(folder["out"], "*.alaw").Select(path => new FileInfo(path).Length).Order());
    }

    private static byte[] Payload(string wav, string extension) =>
        File.Exists(Path.ChangeExtension(wav, extension)) ? File.ReadAllBytes(Path.ChangeExtension(wav, extension)) : [];

    private static List<string> Extract(string folder, string capture)
    {
        using IPacketSource source = PcapFileSource.Open(capture);
        using var extractor = new Extractor(folder, new CaptureOptions());
        extractor.Run(source, TestContext.Current.CancellationToken);
        return [.. extractor.Ledger.Calls().Select(call => call.CallId)];
    }
}
