using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>
/// Gives each audio packet of a stream its position, once. Within a stretch RTP timestamps count; a new stretch begins with a new SSRC, and
/// where the RTP clock and the capture clock come apart by more than 200 ms (FreeSWITCH jumps its timestamps by thousands, forth and back).
/// A new stretch whose sequence numbers go on without a break, and whose clock agrees within 60 ms, follows the old one directly; any other
/// begins where it was heard. Stretches never overlap: what arrives in a burst is placed end to end.
/// </summary>
internal sealed class StretchClock
{
    /// <summary>How far RTP timestamps and arrival may come apart: 200 ms.</summary>
    public const int Tolerance = MediaClock.Rate / 5;

    private const int DirectTolerance = MediaClock.Rate * 60 / 1000;

    // Two sources that talk at once into one role would otherwise pile up without bound.
    private const int MaxAhead = MediaClock.Rate * 10;

    private Ssrc _ssrc;
    private RtpTimestamp _baseTimestamp;
    private long _basePosition;

    /// <summary>Where the last packet's samples end; -1 before the first.</summary>
    public long End { get; private set; } = -1;

    /// <summary>Stretches begun.</summary>
    public int Stretches { get; private set; }

    /// <summary>Where the samples of a packet go; false where they lie too far ahead of the clock to be right.</summary>
    /// <param name="packet">The packet, in order.</param>
    /// <param name="heard">The position of its arrival.</param>
    /// <param name="follows">Its sequence number follows that of the packet before it.</param>
    /// <param name="floor">Nothing may be placed before this: it has been sent.</param>
    /// <param name="samples">How many samples it holds.</param>
    /// <param name="position">Position of the first.</param>
    public bool TryPlace(in RtpPacket packet, long heard, bool follows, long floor, int samples, out long position)
    {
        bool sameSource = End >= 0 && packet.Ssrc == _ssrc;
        position = _basePosition + (packet.Timestamp - _baseTimestamp);
        if (!sameSource || Math.Abs(position - heard) > Tolerance || position < End)
            position = BeginStretch(packet, heard, follows && sameSource);
        position = Math.Max(position, floor);
        if (position - heard > MaxAhead)
            return false;
        End = position + samples;
        return true;
    }

    /// <summary>The position of an RTP timestamp that carries no audio, such as a telephone event's.</summary>
    public long PositionOf(in RtpPacket packet, long heard)
    {
        long position = _basePosition + (packet.Timestamp - _baseTimestamp);
        return End >= 0 && packet.Ssrc == _ssrc && Math.Abs(position - heard) <= 2 * Tolerance ? position : heard;
    }

    private long BeginStretch(in RtpPacket packet, long heard, bool follows)
    {
        Stretches++;
        bool direct = follows && Math.Abs(End - heard) <= DirectTolerance;
        _ssrc = packet.Ssrc;
        _baseTimestamp = packet.Timestamp;
        _basePosition = direct ? End : Math.Max(heard, End);
        return _basePosition;
    }
}
