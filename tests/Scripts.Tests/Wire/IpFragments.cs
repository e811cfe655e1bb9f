using System.Buffers.Binary;
using CallMirror.Scripts.Tests.Scripts;
using CallMirror.TestKit;

namespace CallMirror.Scripts.Tests.Wire;

/// <summary>SIP over UDP that IP cuts into fragments. Short messages are whole, as they are on any network.</summary>
internal static class IpFragments
{
    private const int ShortMessage = 300;
    private const int UdpHeaderLength = 8;
    private const int BlockLength = 8;
    private const int MaxPieces = 5;

    // Of Ethernet, IPv4 and UDP.
    private const int ChecksumAt = 14 + 20 + 6;

    // The same for all datagrams, as some senders give them.
    private const uint OneIdentification = 0;

    // A copy comes before the next datagram could be mistaken for its own.
    private const int CopyUs = 10;

    /// <summary>The frames of one direction.</summary>
    public static IEnumerable<Frame> Of(IReadOnlyList<SentSip> messages, Dice dice)
    {
        // However many there are, none of them is the one.
        uint identification = 1 + (uint)dice.Between(0, 30_000);
        long wholeUs = long.MinValue / 2;
        foreach (var sent in messages)
        {
            bool isOne = sent.Carriage.Has(OnTheWay.OneIdentification) && sent.From.IsIPv4;
            // With one identification nothing says whose a fragment is that overtakes those of the datagram before it.
            long roomUs = isOne ? sent.Us - wholeUs - CopyUs - 1 : long.MaxValue;
            foreach (var frame in Of(sent, isOne ? OneIdentification : identification++, roomUs, dice))
                yield return frame;
            wholeUs = sent.Us;
        }
    }

    private static IEnumerable<Frame> Of(SentSip sent, uint identification, long roomUs, Dice dice)
    {
        if (sent.Message.Length < ShortMessage)
        {
            yield return new Frame(Stage.Ns(sent.Us), FrameBuilder.Udp(sent.From, sent.To, sent.Message));
            yield break;
        }

        int length = sent.Message.Length + UdpHeaderLength;
        int size = (length / dice.Between(2, MaxPieces) / BlockLength + 1) * BlockLength;
        var pieces = FrameBuilder.UdpFragments(sent.From, sent.To, sent.Message, identification, size);
        bool isOne = identification == OneIdentification;
        // By its checksum the first fragment differs from that of the message before; those behind it may have the same bytes.
        if (isOne)
            BinaryPrimitives.WriteUInt16BigEndian(pieces[0].AsSpan(ChecksumAt), Checksum(sent.Message));
        int[] beforeUs = SipCarrier.Times(pieces.Count, sent.Carriage, roomUs, dice, inPlace: isOne ? 1 : 0);
        for (int i = 0; i < pieces.Count; i++)
        {
            long us = sent.Us - beforeUs[i];
            yield return new Frame(Stage.Ns(us), pieces[i]);
            if (sent.Carriage.Has(OnTheWay.Again) && dice.Percent(50))
                yield return new Frame(Stage.Ns(us + CopyUs), pieces[i]);
        }
    }

    // RFC 768, without what is the same for all messages of a direction.
    private static ushort Checksum(ReadOnlySpan<byte> message)
    {
        uint sum = (uint)message.Length;
        for (int i = 0; i < message.Length; i++)
            sum += i % 2 == 0 ? (uint)message[i] << 8 : message[i];
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)~sum;
    }
}
