using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Calls;

/// <summary>
/// What the calls of SIP that have ended have said, by sender, receiver and RTP timestamps. In files of two captures whose clocks
/// differ the same packets come once more, as late as that: they are copies, and no call that nobody announced. Live it is not asked:
/// a phone may say the same to the same port again.
/// </summary>
internal sealed class SpokenBefore
{
    private const int MaxSenders = 65_536;

    // Both sides go on talking until they have seen the BYE.
    private const int Linger = 8000;

    private readonly Dictionary<(TransportAddress Receiver, uint Ssrc), (RtpTimestamp First, RtpTimestamp Last)> _spans = [];
    private readonly Queue<(TransportAddress Receiver, uint Ssrc)> _order = [];

    /// <summary>A call has ended; the oldest is forgotten for it, where there are too many.</summary>
    public void Add(MirroredCall call)
    {
        foreach (var sender in call.Senders)
            foreach (var (ssrc, span) in call.Streams.SelectMany(stream => stream.Spoken))
                if (ssrc.Value == sender.Ssrc)
                    Add(sender, span);
    }

    /// <summary>Whether an RTP packet says what a sender has said in a call that has ended.</summary>
    public bool Has(TransportAddress receiver, ReadOnlySpan<byte> payload)
    {
        if (_spans.Count == 0 || !RtpFields.TryRead(payload, out var timestamp, out uint ssrc) || !_spans.TryGetValue((receiver, ssrc), out var span))
            return false;
        return timestamp - span.First >= 0 && timestamp - span.Last <= Linger;
    }

    private void Add((TransportAddress Receiver, uint Ssrc) sender, (RtpTimestamp First, RtpTimestamp Last) span)
    {
        if (!_spans.ContainsKey(sender))
            _order.Enqueue(sender);
        _spans[sender] = span;
        if (_order.Count > MaxSenders)
            _spans.Remove(_order.Dequeue());
    }
}
