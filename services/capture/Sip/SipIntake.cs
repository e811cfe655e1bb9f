using CallMirror.Capture.Engine;
using CallMirror.Contracts;
using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Sip;

namespace CallMirror.Capture.Sip;

/// <summary>Makes control messages of the SIP that was captured, each once: the mirror's second copies are dropped.</summary>
internal sealed class SipIntake(ControlOrder control, CaptureCounters counters)
{
    // Copies of a mirror are microseconds apart, SIP's own retransmissions half a second (RFC 3261 T1).
    private const long CopyWithinNs = 100_000_000;
    private const int MaxRemembered = 4096;
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    private readonly Dictionary<(TransportAddress From, TransportAddress To, ulong Hash), long> _recent = [];
    private readonly Queue<((TransportAddress From, TransportAddress To, ulong Hash) Key, long TimeNs)> _order = [];

    /// <summary>The message to send on, or null where it is a copy or no SIP.</summary>
    public SipMessageCaptured? Accept(in Datagram datagram, long timeNs)
    {
        if (IsCopy(datagram, timeNs))
        {
            counters.Drop(DropReason.SipDuplicate);
            return null;
        }

        byte[] payload = datagram.Payload.ToArray();
        if (!SipMessage.TryParse(payload, out var message, out _))
        {
            counters.Drop(DropReason.BadSip);
            return null;
        }

        counters.Sip++;
        return new SipMessageCaptured
        {
            CaptureId = control.CaptureId,
            Sequence = control.Next(),
            CallId = message.CallId,
            CapturedAt = CaptureTime.ToDateTime(timeNs),
            Source = datagram.Source.ToString(),
            Destination = datagram.Destination.ToString(),
            Transport = datagram.Transport == Transport.Tcp ? "tcp" : "udp",
            Payload = payload,
            AnswerRequested = true,
        };
    }

    private bool IsCopy(in Datagram datagram, long timeNs)
    {
        while (_order.TryPeek(out var oldest) && (oldest.TimeNs + CopyWithinNs < timeNs || _order.Count > MaxRemembered))
            Forget(_order.Dequeue());
        var key = (datagram.Source, datagram.Destination, Hash(datagram.Payload));
        // A clock that was set back leaves later times behind.
        if (_recent.TryGetValue(key, out long seenNs) && Math.Abs(timeNs - seenNs) <= CopyWithinNs)
            return true;
        _recent[key] = timeNs;
        _order.Enqueue((key, timeNs));
        return false;
    }

    private void Forget(((TransportAddress From, TransportAddress To, ulong Hash) Key, long TimeNs) seen)
    {
        if (_recent.TryGetValue(seen.Key, out long latestNs) && latestNs == seen.TimeNs)
            _recent.Remove(seen.Key);
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = FnvOffset;
        foreach (byte value in bytes)
            hash = (hash ^ value) * FnvPrime;
        return hash;
    }
}
