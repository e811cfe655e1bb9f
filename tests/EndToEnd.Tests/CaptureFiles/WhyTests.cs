using CallMirror.AllInOne.Commands;
using CallMirror.AllInOne.Reporting;
using CallMirror.Contracts.Calls;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.EndToEnd.Tests.CaptureFiles;

/// <summary>Where there is no audio, the report says why.</summary>
public sealed class WhyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("opus", "codec", "OPUS, which is not decoded; PCMA and PCMU are")]
    [InlineData("g722", "codec", "G722, which is not decoded")]
    [InlineData("srtp-sdes", "encrypted", "its media is encrypted (SRTP)")]
    [InlineData("busy", "no-media", "have agreed on no audio")]
    public async Task A_call_without_audio_says_why(string capture, string word, string sentence)
    {
        var report = (await Runs.ToSinkAsync(Runs.Capture(capture), _folder.Path)).Report;
        Assert.All(report.Calls, call => AssertWhy(call, word, sentence));
        Assert.All(report.Streams, stream => AssertWhy(stream, word, sentence));
        Assert.Equal(word, Assert.Single(report.Captures).GetProperty("why").GetString());
    }

    [Fact]
    public async Task A_capture_with_audio_says_nothing_of_it()
    {
        var report = (await Runs.ToSinkAsync(Runs.Capture("pcmu"), _folder.Path)).Report;
        Assert.Empty(report.Captures);
        Assert.All(report.Calls, call => Assert.False(call.TryGetProperty("why", out _)));
    }

    [Fact]
    public async Task A_capture_without_packets_says_so() => AssertWhy(await CaptureAsync(_ => false), "no-packets", "there are no packets in it");

    [Fact]
    public async Task A_capture_without_calls_says_how_much_sip_it_held() =>
        AssertWhy(Assert.Single((await Runs.ToSinkAsync(Runs.Capture("options-ping"), _folder.Path)).Report.Captures), "no-call", " in it begin no call");

    [Fact]
    public async Task Rtp_alone_of_which_no_call_can_be_made_is_counted_by_payload_type() =>
        AssertWhy(await CaptureAsync(IsRtp, "opus"), "no-sip", " RTP packets (", " make no call: ");

    [Fact]
    public async Task Sip_alone_says_that_there_is_no_rtp()
    {
        var capture = await CaptureAsync(frame => !IsRtp(frame));
        AssertWhy(capture, "no-rtp", "its two sides have agreed on PCMU, but there is no RTP in the capture");
        Assert.Equal(0, capture.GetProperty("rtp").GetInt64());
    }

    [Theory]
    [InlineData(96)]
    [InlineData(200)]
    public async Task Frames_that_the_snapshot_length_has_cut_are_counted(int snapLength)
    {
        var capture = await CaptureAsync(_ => true, snapLength: snapLength);
        AssertWhy(capture, "cut-short", "the snapshot length has cut ", " short; capture whole packets");
        Assert.InRange(capture.GetProperty("cut_rtp").GetInt64(), 100, 100_000);
        Assert.Equal(0, capture.GetProperty("rtp").GetInt64());
    }

    [Fact]
    public async Task The_table_has_the_sentences_too()
    {
        var result = await CommandLine.RunAsync("run", "--pcap", TestData.Capture("srtp-sdes"), "--speed", "max", "--sink", _folder.Path);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("no audio: its media is encrypted (SRTP), and who only listens does not have the key", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Redundant_audio_is_named_and_of_several_calls_the_words_are_counted()
    {
        CallEntry red = Call("a", packets: 50, "RED", "PCMU"), unheard = Call("b", packets: 0, "PCMA"), noise = Call("c", packets: 3, "PCMA");
        var seen = new CaptureSeen { Packets = 60, Rtp = 53, Sip = 7 };
        Assert.Equal(("red", "50 RTP packets of it are sent as red (RFC 2198), which is not read"), Words(Why.Of(red, seen)));
        Assert.Equal("no-rtp", Why.Of(unheard, seen)!.Word);
        Assert.Equal("no-g711", Why.Of(noise, seen)!.Word);
        Assert.Equal(("red", "none of its 3 calls has audio: no-rtp 1, red 1, no-g711 1"), Words(Why.Of([unheard, red, noise], seen)));
    }

    [Fact]
    public void Frames_that_nobody_can_read_are_named_by_their_link_type()
    {
        var seen = new CaptureSeen { Packets = 9, UnreadLink = (LinkType)105 };
        Assert.Equal(("link-type", "its frames are of link type 105, which is not read; Ethernet, Linux cooked, loopback and raw IP are"), Words(Why.Of([], seen)));
        Assert.Equal(("no-sip", "there is neither SIP nor RTP among its 9 packets; SIP over TLS can't be read"), Words(Why.Of([], new CaptureSeen { Packets = 9, Tcp = 9 })));
    }

    private static (string Word, string Sentence) Words(Why? why) => (why!.Word, why.Sentence);

    private static CallEntry Call(string callId, long packets, params string[] codecs)
    {
        var call = new CallEntry(callId);
        PayloadFormat[] formats = [.. codecs.Select((codec, i) => new PayloadFormat { PayloadType = 96 + i, Encoding = codec, ClockRate = 8000 })];
        call.Apply(new MediaNegotiated
        {
            CallId = callId,
            At = DateTimeOffset.UnixEpoch,
            StartedAt = DateTimeOffset.UnixEpoch,
            Version = 1,
            Streams = [new() { Role = 0, Sender = "192.0.2.1:4000", Receiver = "192.0.2.2:4000", Formats = formats }],
        });
        if (packets > 0)
            call.Apply(Silent(callId, packets));
        return call;
    }

    private static StreamQuality Silent(string callId, long packets) => new()
    {
        CallId = callId,
        At = DateTimeOffset.UnixEpoch,
        StartedAt = DateTimeOffset.UnixEpoch,
        Role = 0,
        Packets = packets,
        Samples = 0,
        Lost = 0,
        Duplicates = 0,
        Late = 0,
        Reordered = 0,
        JitterMilliseconds = 0,
        Stretches = 0,
    };

    private static bool IsRtp((long TimestampNs, LinkType Link, byte[] Frame) frame) =>
        FrameDissector.TryDissect(frame.Link, frame.Frame, out var datagram, out _) && RtpClassifier.Classify(datagram.Payload) == PacketKind.Rtp;

    private static void AssertWhy(System.Text.Json.JsonElement line, string word, params string[] sentence)
    {
        Assert.Equal(word, line.GetProperty("why").GetString());
        Assert.All(sentence, part => Assert.Contains(part, line.GetProperty("why_text").GetString(), StringComparison.Ordinal));
    }

    // What is said of the frames of a capture that are kept.
    private async Task<System.Text.Json.JsonElement> CaptureAsync(
        Predicate<(long TimestampNs, LinkType Link, byte[] Frame)> isKept, string capture = "pcmu", int snapLength = 262_144)
    {
        string path = _folder["part.pcap"];
        var frames = PcapReader.Read(TestData.Capture(capture)).Where(frame => isKept(frame));
        await File.WriteAllBytesAsync(path, PcapWriter.Write(frames, snapLength), TestContext.Current.CancellationToken);
        var result = await Runs.ToSinkAsync(new Input([path], Device: null, Filter: null, Speed: null), _folder["out"]);
        Assert.Equal(0, result.ExitCode);
        return Assert.Single(result.Report.Captures);
    }
}
