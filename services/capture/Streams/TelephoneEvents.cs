using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>
/// Recognises each telephone event once (RFC 4733 §2.5): a digit comes as a dozen packets with one RTP timestamp, and a long one goes on as a
/// new segment whose timestamp is where the one before it ended (§2.5.1.3). Relays and phones move the timestamp of further packets of the same press:
/// as an event lasts from its timestamp for its duration (§2.3.5), two that overlap are one, since a key can't be pressed while it is pressed.
/// </summary>
internal sealed class TelephoneEvents
{
    // Copies of an end follow each other; of four one may be lost.
    private const int MaxApart = 3;

    private Ssrc _ssrc;
    private SequenceNumber _number;
    private RtpTimestamp _timestamp;
    private TelephoneEvent _last;
    private bool _any;

    /// <summary>True for the first packet of an event.</summary>
    public bool IsNew(in RtpPacket packet, in TelephoneEvent report)
    {
        bool isKnown = _any && packet.Ssrc == _ssrc && report.Event == _last.Event
            && (packet.Timestamp == _timestamp || IsNextSegment(packet) || IsSamePress(packet, report));
        (_any, _ssrc, _number, _timestamp, _last) = (true, packet.Ssrc, packet.SequenceNumber, packet.Timestamp, report);
        return !isKnown;
    }

    // A segment is full at the longest duration there is, also where the packet that says so is lost.
    private bool IsNextSegment(in RtpPacket packet) =>
        !_last.IsEnd && (packet.Timestamp == _timestamp + _last.Duration || packet.Timestamp == _timestamp + ushort.MaxValue);

    // A press begins without the end bit, or with a marker where all that has none is lost (§2.3.3, §2.5.1.2).
    private bool IsSamePress(in RtpPacket packet, in TelephoneEvent report)
    {
        int after = packet.Timestamp - _timestamp;
        bool follows = packet.SequenceNumber - _number is > 0 and <= MaxApart;
        bool begins = packet.Marker || (_last.IsEnd && !report.IsEnd);
        bool overlaps = after > -report.Duration && (after < _last.Duration || (!_last.IsEnd && after == _last.Duration));
        return follows && !begins && overlaps;
    }
}
