using CallMirror.Protocols.Rtp;
using CallMirror.TestKit;

namespace CallMirror.Protocols.Tests.Rtp;

public sealed class RtpNumberTests
{
    [Theory]
    [InlineData(65535, 0, 1)]
    [InlineData(0, 65535, -1)]
    [InlineData(10, 10, 0)]
    [InlineData(0, 32767, 32767)]
    [InlineData(0, 32768, -32768)]
    public void Sequence_numbers_wrap(int from, int to, int distance)
    {
        var start = new SequenceNumber((ushort)from);
        Assert.Equal(distance, start.Distance(new((ushort)to)));
        Assert.Equal(distance, new SequenceNumber((ushort)to) - start);
    }

    [Fact]
    public void After_65535_comes_0() => Assert.Equal(new SequenceNumber(0), new SequenceNumber(65535).Next);

    [Theory]
    [InlineData(uint.MaxValue, 159u, 160)]
    [InlineData(159u, uint.MaxValue, -160)]
    [InlineData(0u, 0x80000000u, int.MinValue)]
    public void Timestamps_wrap(uint from, uint to, int distance) => Assert.Equal(distance, new RtpTimestamp(from).Distance(new(to)));

    [Fact]
    public void Adding_a_distance_arrives() => Properties.Hold<(ushort S1, ushort S2, uint T1, uint T2)>(v =>
    {
        var sequence = new SequenceNumber(v.S1);
        Assert.Equal(new SequenceNumber(v.S2), sequence + sequence.Distance(new(v.S2)));
        var time = new RtpTimestamp(v.T1);
        Assert.Equal(new RtpTimestamp(v.T2), time + time.Distance(new(v.T2)));
    });
}
