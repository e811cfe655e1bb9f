using CallMirror.Capture.Sources;
using CallMirror.Capture.Synthetic;
using CallMirror.Contracts;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;
using CallMirror.Protocols.Sip;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Synthetic;

public sealed class LoadSourceTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_packet_comes_when_its_time_has_come_and_bears_that_time()
    {
        using var source = new LoadSource(new LoadPlan { Calls = 2, Seconds = 1, Ramp = TimeSpan.FromMilliseconds(1) }, _time);
        long begin = CaptureTime.ToNanoseconds(_time.GetUtcNow());
        Assert.Equal(SourceStatus.Packet, source.TryRead(out var first));
        Assert.Equal(begin, first.TimeNs);
        Assert.Equal(SourceStatus.Idle, source.TryRead(out _));

        _time.Advance(TimeSpan.FromMilliseconds(3));

        Assert.Equal(SourceStatus.Packet, source.TryRead(out var second));
        Assert.Equal(begin + 500_000, second.TimeNs);
        Assert.Equal(SourceStatus.Idle, source.TryRead(out _));
        Assert.Equal(2, source.Figures.Packets);
    }

    [Fact]
    public void All_packets_of_all_calls_come_in_order_and_then_the_line_is_quiet()
    {
        var plan = new LoadPlan { Calls = 3, Seconds = 2, Ramp = TimeSpan.FromSeconds(1) };
        using var source = new LoadSource(plan, _time);
        var (sip, rtp, last) = (0, 0, 0L);
        _ = source.TryRead(out _);
        sip++;
        _time.Advance(plan.Length);
        while (source.TryRead(out var packet) == SourceStatus.Packet)
        {
            Assert.True(packet.TimeNs >= last);
            last = packet.TimeNs;
            Assert.True(FrameDissector.TryDissect(packet.Link, packet.Frame, out var datagram, out _));
            if (RtpClassifier.Classify(datagram.Payload) == PacketKind.Rtp)
                rtp++;
            else if (SipMessage.TryParse(datagram.Payload.ToArray(), out _, out _))
                sip++;
        }

        Assert.Equal(3 * 7, sip);
        Assert.Equal(plan.RtpPackets, rtp);
        Assert.True(source.IsLive);
    }

    [Fact]
    public void Rtp_costs_no_allocation()
    {
        using var source = new LoadSource(new LoadPlan { Calls = 10, Seconds = 60, Ramp = TimeSpan.Zero }, _time);
        _ = source.TryRead(out _);
        _time.Advance(TimeSpan.FromSeconds(1));
        Read();
        // The runtime itself allocates now and then, once; what a packet costs, each round of them costs.
        Assert.Equal(0, Enumerable.Range(0, 3).Min(_ => AllocatedByTwoSeconds()));

        long AllocatedByTwoSeconds()
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            long before = GC.GetAllocatedBytesForCurrentThread();
            int packets = Read();
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(2000, packets);
            return allocated;
        }

        int Read()
        {
            int count = 0;
            while (source.TryRead(out _) == SourceStatus.Packet)
                count++;
            return count;
        }
    }

    [Fact]
    public void No_two_packets_in_a_row_of_sixteen_seconds_say_the_same()
    {
        var said = Enumerable.Range(0, 800).Select(i => Convert.ToHexString(LoadVoice.Packet(1, 0, i))).ToHashSet();
        Assert.Equal(800, said.Count);
        Assert.NotEqual(Convert.ToHexString(LoadVoice.Packet(1, 0, 0)), Convert.ToHexString(LoadVoice.Packet(1, 1, 0)));
    }

    [Theory]
    [InlineData(0, 60, 5, "0 calls")]
    [InlineData(20_001, 60, 5, "20001 calls")]
    [InlineData(5, 0, 0, "0 seconds")]
    [InlineData(5, 10, 11, "a ramp of 11 s")]
    public void A_plan_that_can_not_be_says_why(int calls, int seconds, int ramp, string why) =>
        Assert.StartsWith(why, new LoadPlan { Calls = calls, Seconds = seconds, Ramp = TimeSpan.FromSeconds(ramp) }.Problem, StringComparison.Ordinal);

    [Fact]
    public void A_call_is_found_again_by_its_call_id()
    {
        Assert.True(LoadCall.TryParseId(LoadCall.IdOf(417), out int call));
        Assert.Equal(417, call);
        Assert.False(LoadCall.TryParseId("rtp-192.0.2.1-16384", out _));
    }
}
