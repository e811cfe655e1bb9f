using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>
/// Recognises each telephone event once (RFC 4733 §2.5): a digit comes as a dozen packets with one RTP timestamp, and a long one goes on as a
/// new segment whose timestamp is where the one before it ended (§2.5.1.3).
/// </summary>
internal sealed class TelephoneEvents
{
    private Ssrc _ssrc;
    private RtpTimestamp _timestamp;
    private TelephoneEvent _last;
    private bool _any;

    /// <summary>True for the first packet of an event.</summary>
    public bool IsNew(in RtpPacket packet, in TelephoneEvent report)
    {
        bool again = _any && packet.Ssrc == _ssrc && packet.Timestamp == _timestamp;
        // A segment is full at the longest duration there is, also where the packet that says so is lost.
        bool segment = _any && packet.Ssrc == _ssrc && !_last.IsEnd && report.Event == _last.Event
            && (packet.Timestamp == _timestamp + _last.Duration || packet.Timestamp == _timestamp + ushort.MaxValue);
        (_any, _ssrc, _timestamp, _last) = (true, packet.Ssrc, packet.Timestamp, report);
        return !again && !segment;
    }
}
