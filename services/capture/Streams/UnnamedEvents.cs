using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>
/// Tells the telephone events of a call that was found by its media: no SDP has named their payload type. A dynamic type (RFC 3551 §6) of the source that talks, whose
/// packets have the four bytes of RFC 4733 §2.3 with a key in them, is theirs once one has the end bit, or two of one key agree.
/// </summary>
internal sealed class UnnamedEvents
{
    private const byte FirstDynamic = 96;
    private const byte LastKey = 15;
    private const byte Reserved = 0x40;

    private byte _payloadType;
    private Ssrc _ssrc;
    private RtpTimestamp _timestamp;
    private TelephoneEvent _last;

    /// <summary>Whether a packet shows that its payload type is that of telephone events.</summary>
    public bool AreShownBy(in RtpPacket packet)
    {
        var payload = packet.Payload;
        if (packet.PayloadType < FirstDynamic || payload.Length != TelephoneEvent.Length || (payload[1] & Reserved) != 0)
            return false;
        if (!TelephoneEvent.TryParse(payload, out var report, out _) || report.Event > LastKey || report.Duration == 0)
            return false;
        bool agrees = packet.PayloadType == _payloadType && packet.Ssrc == _ssrc && packet.Timestamp == _timestamp
            && report.Event == _last.Event && report.Volume == _last.Volume && report.Duration >= _last.Duration;
        (_payloadType, _ssrc, _timestamp, _last) = (packet.PayloadType, packet.Ssrc, packet.Timestamp, report);
        return agrees || report.IsEnd;
    }
}
