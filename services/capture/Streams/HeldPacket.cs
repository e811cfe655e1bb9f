using System.Buffers;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>A copy of an RTP packet that waits for an earlier one, or for a decision. It owns its payload until <see cref="Release"/>.</summary>
internal readonly struct HeldPacket
{
    private readonly byte[] _payload;
    private readonly int _length;

    public HeldPacket(in RtpPacket packet, long arrivalNs)
    {
        (SequenceNumber, Timestamp, Ssrc) = (packet.SequenceNumber, packet.Timestamp, packet.Ssrc);
        (PayloadType, Marker, ArrivalNs) = (packet.PayloadType, packet.Marker, arrivalNs);
        _length = packet.Payload.Length;
        _payload = ArrayPool<byte>.Shared.Rent(_length);
        packet.Payload.CopyTo(_payload);
    }

    public SequenceNumber SequenceNumber { get; }

    public long ArrivalNs { get; }

    public RtpTimestamp Timestamp { get; }

    public Ssrc Ssrc { get; }

    private byte PayloadType { get; }

    private bool Marker { get; }

    public RtpPacket Packet => new()
    {
        SequenceNumber = SequenceNumber,
        Timestamp = Timestamp,
        Ssrc = Ssrc,
        PayloadType = PayloadType,
        Marker = Marker,
        Payload = _payload.AsSpan(0, _length),
    };

    public void Release() => ArrayPool<byte>.Shared.Return(_payload);
}

/// <summary>A packet in order whose place is not decided yet.</summary>
/// <param name="Held">The packet.</param>
/// <param name="Follows">Its sequence number follows that of the packet before it.</param>
/// <param name="Meaning">What its payload type meant when it came.</param>
internal readonly record struct UndecidedPacket(HeldPacket Held, bool Follows, PayloadMeaning Meaning);
