using CallMirror.Protocols.Packets;
using CallMirror.Scripts.Tests.Scripts;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>A message that is whole on the wire at a time.</summary>
internal sealed record SentSip(long Us, TransportAddress From, TransportAddress To, byte[] Message, SipCarriage Carriage);

/// <summary>Carries SIP in pieces: each direction between two hosts for itself, where a message may wait for the next.</summary>
internal static class SipCarrier
{
    private const int Carrier = 52;

    public static IEnumerable<Frame> Frames(IEnumerable<SentSip> sent, int seed)
    {
        int number = 0;
        foreach (var line in sent.GroupBy(each => (each.From, each.To, each.Carriage.Over)))
        {
            var messages = line.OrderBy(each => each.Us).ToList();
            var dice = Dice.Of(seed, Carrier, number++);
            foreach (var frame in line.Key.Over == SipOver.Tcp ? TcpSegments.Of(messages, dice) : IpFragments.Of(messages, dice))
                yield return frame;
        }
    }

    /// <summary>When each of some pieces comes, microseconds before the last of them: of the last that comes 0.</summary>
    /// <param name="pieces">How many there are.</param>
    /// <param name="carriage">Whether they are far apart, or overtake each other.</param>
    /// <param name="roomUs">The first comes not earlier than this.</param>
    /// <param name="dice">What is left to chance.</param>
    /// <param name="inPlace">So many at the beginning are not overtaken.</param>
    public static int[] Times(int pieces, SipCarriage carriage, long roomUs, Dice dice, int inPlace = 0)
    {
        int apartUs = carriage.Has(OnTheWay.FarApart) ? dice.Between(7_000, 21_000) : dice.Between(1, 400);
        apartUs = (int)Math.Min(apartUs, Math.Max(0, roomUs) / pieces);
        int[] times = [.. Enumerable.Range(0, pieces).Select(i => (pieces - 1 - i) * apartUs)];
        for (int i = pieces - 1; i > inPlace && carriage.Has(OnTheWay.OutOfOrder); i--)
        {
            int other = dice.Between(inPlace, i);
            (times[i], times[other]) = (times[other], times[i]);
        }

        return times;
    }
}
