using CallMirror.AllInOne.Extraction;
using CallMirror.AllInOne.Reporting;
using CallMirror.Capture;
using CallMirror.Capture.Pcap;
using CallMirror.Capture.Sources;
using CallMirror.Contracts.Calls;

namespace CallMirror.EndToEnd.Tests;

/// <summary>Calls whose SIP is not seen, because it came before the capture or is encrypted: they are found by their media.</summary>
public sealed class WithoutSipTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("bridge-pcma")]
    [InlineData("bridge-pcma-dup")]
    [InlineData("bridge-pcma-loss3")]
    [InlineData("bridge-pcma-reorder")]
    [InlineData("bridge-pcma-seqwrap")]
    [InlineData("bridge-pcma-vlan")]
    [InlineData("concurrent-20")]
    [InlineData("dtmf")]
    [InlineData("gaps")]
    [InlineData("ipv6")]
    [InlineData("linktype-any")]
    [InlineData("pcmu")]
    [InlineData("ptime-30")]
    [InlineData("reneg-codec")]
    [InlineData("rtcp")]
    [InlineData("tee-on-router")]
    public void A_capture_without_its_sip_gives_the_same_audio_exactly(string capture)
    {
        Extract(capture, frame => !IsSip(frame));

        var audio = Directory.GetFiles(_folder.Path, "*.wav").ToDictionary(path => path, path => Wav.Read(path).Samples);
        Runs.AssertExact(GroundTruth.Read(TestData.Capture(capture)), audio);
    }

    [Fact]
    public void What_sip_tells_later_names_the_call_and_its_streams_go_on()
    {
        // All up to the second re-INVITE is missing: from there on the call has its name.
        int invites = 0;
        var ledger = Extract("hold-resume", frame => !IsSip(frame) || invites > 3 || (frame.IndexOf("INVITE sip:"u8) >= 0 && ++invites > 3));

        Assert.All(ledger.Calls(), call => Assert.StartsWith("rtp-", call.CallId, StringComparison.Ordinal));
        var named = Assert.Single(ledger.Calls(), call => call.SipCallId is not null);
        Assert.Equal(("9abf37e65ad28e92", EndReason.Bye), (named.SipCallId, named.EndReason));
        // The other leg of the bridge says nothing more before its BYE.
        Assert.Equal(2, ledger.Calls().Count);
        Assert.Equal(4, Directory.GetFiles(_folder.Path, "*.alaw").Length);
        Assert.Equal(
            GroundTruth.Read(TestData.Capture("hold-resume")).Sum(stream => (long)stream.SampleCount),
            Directory.GetFiles(_folder.Path, "*.alaw").Sum(path => new FileInfo(path).Length));
    }

    [Theory]
    [MemberData(nameof(ExactAudioTests.Captures), MemberType = typeof(ExactAudioTests))]
    public void Where_sip_is_seen_nothing_is_even_asked(string capture)
    {
        using var source = PcapFileSource.Open(TestData.Capture(capture));
        using var extractor = new Extractor(_folder.Path, new CaptureOptions());
        extractor.Run(source, TestContext.Current.CancellationToken);

        Assert.Equal(capture == "bridge-pcma-nohead" ? 2 : 0, extractor.Counters.Found);
    }

    [Fact]
    public async Task A_call_that_was_up_before_the_capture_says_what_is_known_of_it()
    {
        var result = await Runs.ToSinkAsync(Runs.Capture("bridge-pcma-nohead"), _folder.Path);

        var first = GroundTruth.Read(TestData.Capture("bridge-pcma-nohead"))[0];
        var call = Sidecar.ReadAll(_folder.Path)["rtp-192.168.137.100-28814-192.168.137.11-20330-1795347637156"];
        Assert.Equal(first.Packets[0].TimeNs / 1e6, call.HeardMs(0), 0.001);
        Assert.Equal((null, null), (call.Text("from"), call.Text("to")));
        Assert.Equal((0, 2), (call.Stream(0).GetProperty("first_position").GetInt64(), call.Streams.Count()));
        Assert.All(result.Report.Calls, each =>
        {
            Assert.Equal("end-of-capture", each.GetProperty("end_reason").GetString());
            Assert.Equal("PCMA", Assert.Single(each.GetProperty("codecs").EnumerateArray()).GetString());
        });
    }

    private CallLedger Extract(string capture, FrameFilter filter)
    {
        using var source = new FilteredSource(PcapFileSource.Open(TestData.Capture(capture)), filter);
        using var extractor = new Extractor(_folder.Path, new CaptureOptions());
        extractor.Run(source, TestContext.Current.CancellationToken);
        return extractor.Ledger;
    }

    private static bool IsSip(ReadOnlySpan<byte> frame) => frame.IndexOf("SIP/2.0"u8) >= 0;

    private delegate bool FrameFilter(ReadOnlySpan<byte> frame);

    /// <summary>A capture without some of its frames.</summary>
    private sealed class FilteredSource(IPacketSource source, FrameFilter filter) : IPacketSource
    {
        public bool IsLive => source.IsLive;

        public SourceFigures Figures => source.Figures;

        public SourceStatus TryRead(out CapturedPacket packet)
        {
            SourceStatus status;
            do
                status = source.TryRead(out packet);
            while (status == SourceStatus.Packet && !filter(packet.Frame));
            return status;
        }

        public void Dispose() => source.Dispose();
    }
}
