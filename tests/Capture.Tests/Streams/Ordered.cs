using CallMirror.Capture.Streams;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Tests.Streams;

/// <summary>A <see cref="SourceOrder"/> that waits 100 ms, and what it has handed on. Times are in milliseconds.</summary>
internal sealed class Ordered
{
    private const long NanosecondsPerMs = 1_000_000;

    private readonly SourceOrder _order = new(new Ssrc(1), waitNs: 100 * NanosecondsPerMs);
    private readonly List<(ushort Number, bool Follows)> _given = [];
    private StreamCounts _counts;

    public StreamCounts Counts => _counts;

    public IReadOnlyList<(ushort Number, bool Follows)> Given => _given;

    public IEnumerable<int> Numbers => _given.Select(given => (int)given.Number);

    /// <summary>A stream whose first packet, number 100, has been handed on at 200 ms.</summary>
    public static Ordered Started()
    {
        var ordered = new Ordered();
        ordered.Arrive(100, 0);
        ordered.Expire(200);
        ordered._given.Clear();
        return ordered;
    }

    public Ordered Arrive(int number, double ms)
    {
        var packet = new RtpPacket { SequenceNumber = new((ushort)number), Timestamp = new((uint)number * 160), Ssrc = new(1), Payload = new byte[] { (byte)number } };
        _order.Accept(packet, (long)(ms * NanosecondsPerMs), ref _counts, Give);
        return this;
    }

    public void Expire(double ms) => _order.Expire((long)(ms * NanosecondsPerMs), ref _counts, Give);

    public Ordered Flush()
    {
        _order.Flush(ref _counts, Give);
        Assert.False(_order.IsHolding);
        return this;
    }

    private void Give(in RtpPacket packet, long arrivalNs, bool follows)
    {
        Assert.Equal((byte)packet.SequenceNumber.Value, packet.Payload[0]);
        Assert.Equal((uint)packet.SequenceNumber.Value * 160, packet.Timestamp.Value);
        _given.Add((packet.SequenceNumber.Value, follows));
    }
}
