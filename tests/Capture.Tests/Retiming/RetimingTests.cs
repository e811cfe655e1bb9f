using CallMirror.Capture.Pcap;
using CallMirror.Capture.Retiming;
using CallMirror.Capture.Sources;
using CallMirror.Capture.Tests.Engine;
using CallMirror.Capture.Tests.Pcap;
using CallMirror.Capture.Tests.Sources;
using CallMirror.Protocols.Packets;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Retiming;

/// <summary>Captures whose times tools have made up: who talks says how late it is.</summary>
public sealed class RetimingTests : IDisposable
{
    private readonly PcapFile _files = new();

    public void Dispose() => _files.Dispose();

    public static TheoryData<string> Captures => [.. TestData.CaptureNames];

    [Theory]
    [MemberData(nameof(Captures))]
    public void The_times_of_real_captures_are_believed(string capture)
    {
        using var source = PcapFileSource.Open(TestData.Capture(capture));
        Assert.True(CaptureTimes.AreReal(source));
    }

    [Theory]
    [InlineData(20, true)]
    [InlineData(17, true)]
    // 39 s of audio within 20 s.
    [InlineData(10.26, false)]
    [InlineData(0, false)]
    [InlineData(0.001, false)]
    [InlineData(1000, false)]
    public void Packets_that_come_at_another_pace_than_they_were_said_have_no_real_times(double everyMs, bool areReal)
    {
        using var source = new ListSource([.. Talk(200, i => i * everyMs)]);
        Assert.Equal(areReal, CaptureTimes.AreReal(source));
    }

    [Theory]
    [InlineData(40, 0.0)]
    [InlineData(15, 0.0)]
    // Half a second held up, and a minute's pause.
    [InlineData(200, 500)]
    [InlineData(200, 60_000)]
    public void Few_packets_a_stall_or_a_pause_are_no_proof(int packets, double pauseMs)
    {
        double At(int i) => pauseMs == 0 ? i * (packets == 40 ? 8 : 0) : i < 20 ? i * 20 : Math.Max(i * 20, pauseMs > 1000 ? i * 20 + pauseMs : 400 + pauseMs);
        using var source = new ListSource([.. Talk(packets, At)]);
        Assert.True(CaptureTimes.AreReal(source));
    }

    [Fact]
    public void One_sender_that_is_too_fast_is_wrong_alone()
    {
        using var source = new ListSource([.. Talk(200, i => i * 10).Zip(Talk(200, i => i * 20, ssrc: 2), (fast, real) => ((double, byte[])[])[fast, real]).SelectMany(both => both)]);
        Assert.True(CaptureTimes.AreReal(source));
    }

    [Fact]
    public void Time_goes_on_as_the_timestamps_do_with_their_gaps_and_sip_stands_where_it_was()
    {
        byte[] sip = FrameBuilder.Udp(Line.Caller, Line.Pbx.WithPort(5060), Line.SipBytes());
        (double, byte[])[] frames =
        [
            (7, sip), (7, Voice(0, 1000)), (7, Voice(0, 90_000, ssrc: 2)), (7, Voice(1, 1160)), (7, sip), (7, Voice(1, 90_160, ssrc: 2)),
            // 80 ms of silence; one that was overtaken; timestamps that begin anew; and the other, which has stood still meanwhile.
            (7, Voice(5, 1800)), (7, Voice(4, 1640)), (7, Voice(6, 1960)), (7, Voice(7, 7_000_000)), (7, Voice(8, 7_004_000)), (7, Voice(2, 90_320, ssrc: 2)), (7, Voice(9, 7_004_160)),
        ];
        Assert.Equal([0, 0, 0, 20, 20, 20, 100, 100, 120, 120, 620, 620, 640], Retimed(frames));
    }

    [Fact]
    public void Files_without_real_times_are_retimed_when_they_are_opened_and_others_are_not()
    {
        string unreal = _files.Write(PcapWriter.Write(Talk(100, _ => 0).Select(frame => (Line.EpochNs, LinkType.Ethernet, frame.Frame))));
        string real = _files.Write(PcapWriter.Write(Talk(100, i => 20 * i).Select(frame => (Line.Ns(frame.Ms), LinkType.Ethernet, frame.Frame))));
        using var one = MergedSource.OpenFiles([unreal], filter: null);
        using var other = MergedSource.OpenFiles([real], filter: null);
        var expected = PcapFileSourceTests.Read(other);
        Assert.Equal(expected.Select(packet => packet.TimeNs), PcapFileSourceTests.Read(one).Select(packet => packet.TimeNs));
        Assert.Equal(Line.Ns(99 * 20), expected[^1].TimeNs);
        using var both = MergedSource.OpenFiles([unreal, real], filter: null);
        Assert.Equal(expected.SelectMany(packet => (long[])[packet.TimeNs, packet.TimeNs]), PcapFileSourceTests.Read(both).Select(packet => packet.TimeNs));
    }

    private static byte[] Voice(int sequence, uint timestamp, uint ssrc = 1) => FrameBuilder.Udp(Line.Caller, Line.Pbx, Line.RtpBytes(sequence, timestamp, ssrc, 8, Line.Voice(sequence, 160)));

    private static IEnumerable<(double Ms, byte[] Frame)> Talk(int packets, Func<int, double> at, uint ssrc = 1) =>
        Enumerable.Range(0, packets).Select(i => (at(i), Voice(i, (uint)i * 160, ssrc)));

    private static IEnumerable<int> Retimed((double Ms, byte[] Frame)[] frames)
    {
        using var source = new RetimedSource(new ListSource(frames));
        return [.. PcapFileSourceTests.Read(source).Select(packet => (int)((packet.TimeNs - Line.Ns(frames[0].Ms)) / 1_000_000))];
    }
}
