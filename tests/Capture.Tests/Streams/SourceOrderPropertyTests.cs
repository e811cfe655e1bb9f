using CallMirror.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace CallMirror.Capture.Tests.Streams;

public sealed class SourceOrderPropertyTests
{
    /// <summary>A packet: how far its number lies from that of the last, when it comes after it, and when somebody looks in between.</summary>
    private static readonly Gen<(int Step, int Ms, int Look)[]> Arrivals =
        (from step in Gen.Frequency(
            (60, Gen.Constant(1)),
            (15, Gen.Choose(-4, 6)),
            (2, Gen.Choose(-1500, 5000)),
            (2, Gen.Elements(20_000, -20_000, 32_768)))
         from ms in Gen.Frequency((8, Gen.Choose(0, 25)), (1, Gen.Choose(0, 400)))
         from look in Gen.Choose(0, 400)
         select (step, ms, look)).ArrayOf();

    [Fact]
    public void What_is_handed_on_does_not_depend_on_when_anyone_looks() => Properties.Hold(Arrivals, arrivals =>
    {
        var (plain, watched) = (new Ordered(), new Ordered());
        int number = 60_000;
        double now = 0;
        foreach (var (step, ms, look) in arrivals)
        {
            number = (ushort)(number + step);
            if (look <= ms)
                watched.Expire(now + look);
            now += ms;
            watched.Expire(now);
            plain.Arrive(number, now);
            watched.Arrive(number, now);
        }

        Assert.Equal(plain.Flush().Given, watched.Flush().Given);
        Assert.Equal(plain.Counts, watched.Counts);
    });

    [Fact]
    public void Every_packet_is_handed_on_or_counted_exactly_once() => Properties.Hold(Arrivals, arrivals =>
    {
        var ordered = new Ordered();
        int number = 0;
        double now = 0;
        foreach (var (step, ms, _) in arrivals)
            ordered.Arrive(number = (ushort)(number + step), now += ms);
        var counts = ordered.Flush().Counts;
        Assert.Equal(arrivals.Length, counts.Packets + counts.Duplicates + counts.Late);
        Assert.Equal(counts.Packets, ordered.Given.Count);
    });
}
