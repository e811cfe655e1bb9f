using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Unclaimed;

/// <summary>
/// What one sender sends to one receiver while no call claims it: whether it is, for long enough, what G.711 looks like. That is one SSRC, a
/// static payload type (RFC 3551 §6), sequence numbers that go on, and 8,000 bytes of payload a second.
/// </summary>
internal sealed class SteadySource
{
    private const int BytesPerSecond = 8000;

    // Packets of 5 to 100 ms in steps of 5 ms. With the tag of SRTP at its end (RFC 3711 §3.1) none has such a length.
    private const int LengthStep = 40;
    private const int MaxLength = 800;

    // A second of the usual packets.
    private const int MaxStep = 50;

    // A fifth may be lost, or come early in a burst.
    private const double LeastOfRate = 0.8;
    private const double MostOfRate = 1.25;

    private Ssrc _ssrc;
    private SequenceNumber _sequence;
    private long _sinceNs;
    private long _bytes;

    /// <summary>When its latest packet came.</summary>
    public long LastNs { get; private set; } = long.MinValue;

    /// <summary>When sip-tracker was told of it last.</summary>
    public long? ToldNs { get; set; }

    /// <summary>Whether sip-tracker was told of it a short time ago.</summary>
    public bool WasTold(long nowNs, long withinNs) => ToldNs is { } toldNs && nowNs - toldNs < withinNs;

    /// <summary>Whether a packet may be G.711 at all.</summary>
    public static bool IsCandidate(in RtpPacket packet) =>
        packet.PayloadType is StaticPayloadType.Pcmu or StaticPayloadType.Pcma && packet.Payload.Length is > 0 and <= MaxLength && packet.Payload.Length % LengthStep == 0;

    /// <summary>Takes a candidate; true where all since the first has been steady for <paramref name="steadyNs"/>. A silence longer than <paramref name="idleNs"/> begins anew.</summary>
    public bool Take(in RtpPacket packet, long timeNs, long steadyNs, long idleNs)
    {
        bool isAnother = LastNs == long.MinValue || packet.Ssrc != _ssrc || timeNs < LastNs || timeNs - LastNs > idleNs;
        int step = packet.SequenceNumber - _sequence;
        if (isAnother || Math.Abs(step) > MaxStep)
        {
            if (isAnother)
                ToldNs = null;
            Begin(packet, timeNs);
            return false;
        }

        LastNs = timeNs;
        // The mirror's second copy, or one that was overtaken.
        if (step <= 0)
            return false;
        _sequence = packet.SequenceNumber;
        _bytes += packet.Payload.Length;
        return timeNs - _sinceNs >= steadyNs && IsSteady(packet, timeNs);
    }

    private bool IsSteady(in RtpPacket packet, long timeNs)
    {
        double rate = _bytes / ((timeNs - _sinceNs) / 1e9 * BytesPerSecond);
        bool isSteady = rate is >= LeastOfRate and <= MostOfRate;
        if (!isSteady)
            Begin(packet, timeNs);
        return isSteady;
    }

    private void Begin(in RtpPacket packet, long timeNs) =>
        (_ssrc, _sequence, _sinceNs, LastNs, _bytes) = (packet.Ssrc, packet.SequenceNumber, timeNs, timeNs, 0);
}
