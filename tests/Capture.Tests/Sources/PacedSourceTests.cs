using CallMirror.Capture.Sources;
using CallMirror.TestKit;

namespace CallMirror.Capture.Tests.Sources;

public sealed class PacedSourceTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly ListSource _file = new((1000, [1]), (1020, [2, 2]), (1020, [3]), (3020, [4]));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(0.5)]
    public void A_packet_comes_when_its_time_has_come(double speed)
    {
        using var source = new PacedSource(_file, speed, _clock);
        Assert.Equal([1], Available(source));
        Pass(19 / speed);
        Assert.Empty(Available(source));
        Pass(1.1 / speed);
        Assert.Equal([2, 3], Available(source));
        Pass(1990 / speed);
        Assert.Empty(Available(source));
        Pass(20 / speed);
        Assert.Equal([4], Available(source));
        Assert.Equal(SourceStatus.End, source.TryRead(out _));
    }

    [Fact]
    public void Time_before_the_first_packet_is_read_does_not_count()
    {
        using var source = new PacedSource(_file, 1, _clock);
        Pass(60_000);
        Assert.Equal([1], Available(source));
    }

    [Fact]
    public void A_held_packet_comes_as_it_was()
    {
        using var source = new PacedSource(_file, 1, _clock);
        Available(source);
        Pass(21);
        Assert.Equal(SourceStatus.Packet, source.TryRead(out var packet));
        Assert.Equal((Engine.Line.Ns(1020), 2), (packet.TimeNs, packet.Frame.Length));
    }

    [Fact]
    public void It_is_what_it_plays()
    {
        var source = new PacedSource(_file, 1, _clock);
        Assert.Equal((_file.IsLive, _file.Figures), (source.IsLive, source.Figures));
        source.Dispose();
        Assert.True(_file.IsDisposed);
    }

    public void Dispose() => _file.Dispose();

    private static List<byte> Available(PacedSource source)
    {
        List<byte> first = [];
        while (source.TryRead(out var packet) == SourceStatus.Packet)
            first.Add(packet.Frame[0]);
        return first;
    }

    private void Pass(double ms) => _clock.Advance(TimeSpan.FromMilliseconds(ms));
}
