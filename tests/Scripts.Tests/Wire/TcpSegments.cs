using CallMirror.Protocols.Packets;
using CallMirror.Scripts.Tests.Scripts;
using CallMirror.TestKit;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>SIP in one direction of a TCP connection, whose beginning the mirror shows.</summary>
internal sealed class TcpSegments
{
    private const int SynBeforeUs = 200_000;
    private const int MaxPieces = 5;

    // So long a message for which nobody waits waits for the next.
    private const int TogetherUs = 50_000;

    // From a segment to its retransmission.
    private const int LeastAgainUs = 1_000;
    private const int MostAgainUs = 300_000;

    // As near the end of the numbers that the connection goes past it.
    private const int NearEnd = 3_000;

    private readonly List<Frame> _frames = [];
    private readonly TransportAddress _from;
    private readonly TransportAddress _to;
    private readonly Dice _dice;
    private uint _next;

    private TcpSegments(SentSip first, Dice dice)
    {
        (_from, _to, _dice) = (first.From, first.To, dice);
        _next = dice.Percent(30) ? uint.MaxValue - (uint)dice.Between(0, NearEnd) : (uint)dice.Next();
    }

    /// <summary>The frames of one direction.</summary>
    public static IReadOnlyList<Frame> Of(IReadOnlyList<SentSip> messages, Dice dice)
    {
        var line = new TcpSegments(messages[0], dice);
        line.Add(messages[0].Us - SynBeforeUs, line._next++, TcpFlags.Syn, []);
        byte[] waiting = [];
        for (int i = 0; i < messages.Count; i++)
        {
            waiting = [.. waiting, .. messages[i].Message];
            if (i + 1 < messages.Count && MayWait(messages[i], messages[i + 1]))
                continue;
            line.Send(messages[i], waiting);
            waiting = [];
        }

        return line._frames;
    }

    // An ACK, and what is no final response and describes nothing.
    private static bool MayWait(SentSip sent, SentSip next)
    {
        bool isForNobody = sent.Message.AsSpan().StartsWith("ACK "u8)
            || (sent.Message.AsSpan().StartsWith("SIP/2.0 1"u8) && sent.Message.AsSpan().EndsWith("\r\n\r\n"u8));
        return isForNobody && sent.Carriage.Has(OnTheWay.Together) && next.Us - sent.Us <= TogetherUs;
    }

    private void Send(SentSip last, byte[] bytes)
    {
        int[] ends = Ends(bytes.Length, last.Carriage.Has(OnTheWay.CutAnywhere));
        int[] beforeUs = SipCarrier.Times(ends.Length, last.Carriage, roomUs: long.MaxValue, _dice);
        for (int i = 0; i < ends.Length; i++)
        {
            int begin = i == 0 ? 0 : ends[i - 1];
            Add(last.Us - beforeUs[i], bytes, begin, ends[i]);
            // What is sent again may begin within the segment, and go on behind it.
            if (last.Carriage.Has(OnTheWay.Again) && _dice.Percent(40))
            {
                int againUs = _dice.Between(LeastAgainUs, MostAgainUs);
                Add(last.Us + againUs, bytes, _dice.Between(begin, ends[i] - 1), _dice.Of(ends[i], bytes.Length));
            }
        }

        _next += (uint)bytes.Length;
    }

    private int[] Ends(int length, bool anywhere)
    {
        SortedSet<int> ends = [length];
        for (int cuts = anywhere ? _dice.Between(0, MaxPieces - 1) : 0; cuts > 0; cuts--)
            ends.Add(_dice.Between(1, length));
        return [.. ends];
    }

    private void Add(long us, byte[] bytes, int begin, int end) =>
        Add(us, _next + (uint)begin, TcpFlags.Ack, bytes.AsSpan(begin, end - begin));

    private void Add(long us, uint sequence, TcpFlags flags, ReadOnlySpan<byte> bytes) =>
        _frames.Add(new Frame(Stage.Ns(us), FrameBuilder.Tcp(_from, _to, sequence, flags, bytes)));
}
