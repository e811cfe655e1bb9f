using CallMirror.Protocols.Packets;
using CallMirror.Scripts.Tests.Scripts;
using CallMirror.Scripts.Tests.Wire;

namespace CallMirror.Scripts.Tests.Recorded;

/// <summary>
/// Holds up what a busy machine, or one of two phones, sends: for 150 to 700 ms nothing comes, and then all of it at once.
/// </summary>
internal static class Stalls
{
    private const long NsPerMs = 1_000_000;

    // Packets of a burst are a few microseconds apart.
    private const long InBurstNs = 15_000;

    private enum Who
    {
        Everybody,
        OneSide,
        OtherSide,
    }

    public static List<Frame> Make(IReadOnlyList<Frame> frames, Dice dice)
    {
        List<Frame> made = new(frames.Count);
        long fromNs = frames[0].TimeNs + dice.Between(200, 1500) * NsPerMs;
        long untilNs = fromNs + dice.Between(150, 700) * NsPerMs;
        var who = Roll(dice);
        int inBurst = 0;
        foreach (var frame in frames)
        {
            if (frame.TimeNs >= untilNs)
            {
                (fromNs, inBurst) = (untilNs + dice.Between(50, 2500) * NsPerMs, 0);
                (untilNs, who) = (fromNs + dice.Between(150, 700) * NsPerMs, Roll(dice));
            }

            bool isHeldUp = frame.TimeNs >= fromNs && frame.TimeNs < untilNs && (who == Who.Everybody || SideOf(frame) == who);
            made.Add(isHeldUp ? frame with { TimeNs = Math.Max(frame.TimeNs, untilNs + InBurstNs * inBurst++) } : frame);
        }

        return [.. made.OrderBy(frame => frame.TimeNs)];
    }

    private static Who Roll(Dice dice) => dice.Of(Who.Everybody, Who.Everybody, Who.OneSide, Who.OtherSide);

    // Of the two directions of a path one each.
    private static Who SideOf(Frame frame) =>
        FrameDissector.TryReadIp(frame.Link, frame.Bytes, out var packet, out _)
        && FrameDissector.TryReadTransport(packet, out var datagram, out _)
        && string.CompareOrdinal(datagram.Source.ToString(), datagram.Destination.ToString()) < 0 ? Who.OneSide : Who.OtherSide;
}
