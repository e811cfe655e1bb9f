using CallMirror.Protocols.Rtp;

namespace CallMirror.Protocols.Tests.Rtp;

public sealed class InterarrivalJitterTests
{
    private const long Millisecond = 1_000_000;

    [Fact]
    public void A_steady_stream_has_none()
    {
        var jitter = new InterarrivalJitter(8000);
        for (int i = 0; i < 100; i++)
            jitter.Update(new RtpTimestamp(uint.MaxValue - 800) + i * 160, i * 20 * Millisecond);
        Assert.Equal(0, jitter.Value);
    }

    [Fact]
    public void One_packet_10_ms_late_counts_a_sixteenth()
    {
        var jitter = new InterarrivalJitter(8000);
        jitter.Update(new(1000), 0);
        jitter.Update(new(1160), 30 * Millisecond);
        Assert.Equal(80 / 16.0, jitter.Value);
        jitter.Update(new(1320), 40 * Millisecond);
        Assert.Equal(5 + (80 - 5) / 16.0, jitter.Value);
    }

    [Fact]
    public void The_origin_of_time_does_not_matter()
    {
        const long Epoch = 1_795_347_367_000_000_000;
        var early = new InterarrivalJitter(48000);
        var late = new InterarrivalJitter(48000);
        for (int i = 0; i < 50; i++)
        {
            long arrival = (i * 20 + i % 7) * Millisecond;
            early.Update(new((uint)i * 960), arrival);
            late.Update(new((uint)i * 960), Epoch + arrival);
        }

        Assert.InRange(early.Value, 48, 480);
        Assert.Equal(early.Value, late.Value);
    }

    [Fact]
    public void A_copy_goes_on_by_itself()
    {
        var jitter = new InterarrivalJitter(8000);
        jitter.Update(new(0), 0);
        InterarrivalJitter copy = jitter;
        copy.Update(new(160), 40 * Millisecond);
        Assert.Equal(0, jitter.Value);
        Assert.Equal(10, copy.Value);
    }
}
