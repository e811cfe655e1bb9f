using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>
/// Gives each audio packet of a stream its position, once. Within a stretch RTP timestamps count (RFC 3550 §5.1); a new stretch begins with a new SSRC,
/// and where the RTP clock and the capture clock come apart by more than 200 ms at once (FreeSWITCH jumps its timestamps by thousands, forth and back).
/// A new stretch whose sequence numbers go on without a break, and whose clock agrees within 60 ms, follows the old one directly; any other
/// begins where it was heard. Stretches never overlap: what can't stand in its time stands end to end behind it, and comes back to it in the next gap.
/// A part of its role's audio, not to be copied: each packet finds it there.
/// </summary>
/// <param name="maxAhead">How far audio may stand ahead of its arrival.</param>
internal struct StretchClock(long maxAhead)
{
    /// <summary>How far RTP timestamps and arrival may come apart: 200 ms.</summary>
    public const int Tolerance = MediaClock.Rate / 5;

    /// <summary>What comes this much later than the packet before it, and no more, came at the usual rate: 60 ms.</summary>
    public const int StepTolerance = MediaClock.Rate * 60 / 1000;

    // A slow sender is followed without a cut until then, as beyond half a second what it says would have been declared silent.
    private const int MaxLateness = MediaClock.Rate * 2 / 5;

    /// <summary>A sender that talks faster than time would otherwise pile up without bound: ten seconds.</summary>
    public const long LiveAhead = MediaClock.Rate * 10;

    /// <summary>A file has an end, and its packets may have been captured, or written, faster than they were said.</summary>
    public const long FileAhead = long.MaxValue;

    private Ssrc _ssrc;
    private RtpTimestamp _baseTimestamp;
    private RtpTimestamp _nextTimestamp;
    private long _basePosition;
    private long _lateness;

    /// <summary>Where the last packet's samples end; -1 before the first.</summary>
    public long End { get; private set; } = -1;

    /// <summary>Stretches begun.</summary>
    public int Stretches { get; private set; }

    /// <summary>How far the samples stand behind their time, as others stood there.</summary>
    public readonly long Behind => End < 0 ? 0 : End - TimeOf(_nextTimestamp);

    /// <summary>The stream is so far from its time that a moment in which nobody speaks should be used to come back.</summary>
    public bool IsAstray { get; private set; }

    /// <summary>
    /// The packet continues the stream and comes later than the one before it by more than may be: its sender has paused, or it was held up. Which of the
    /// two is said by those that follow.
    /// </summary>
    public readonly bool IsLate(in RtpPacket packet, long heard)
    {
        long lateness = LatenessOf(packet, heard);
        return lateness > Tolerance && lateness - _lateness > StepTolerance && Continues(packet);
    }

    /// <summary>How much later than its time a packet of the source that speaks was heard.</summary>
    public readonly long LatenessOf(in RtpPacket packet, long heard) => heard - TimeOf(packet.Timestamp);

    /// <summary>Where the samples of a packet go; false where they lie too far ahead of the clock to be right.</summary>
    /// <param name="packet">The packet, in order.</param>
    /// <param name="cue">What is known of it besides its bytes.</param>
    /// <param name="samples">How many samples it holds.</param>
    /// <param name="position">Position of the first.</param>
    public bool TryPlace(in RtpPacket packet, in PlacingCue cue, int samples, out long position)
    {
        position = TimeOf(packet.Timestamp);
        bool continues = Continues(packet);
        if (!continues || Math.Abs(position - cue.Heard) > Tolerance)
            position = PlaceAstray(packet, cue, continues);
        long lateness = cue.Heard - position;
        position = Math.Max(Math.Max(position, End), cue.Floor);
        if (position - cue.Heard > maxAhead)
            return false;
        (End, _nextTimestamp, _lateness) = (position + samples, packet.Timestamp + samples, lateness);
        long behind = Behind;
        IsAstray = lateness > Tolerance || behind > Tolerance || (IsAstray && behind > 0);
        return true;
    }

    /// <summary>The packet continues a stream that stands behind its time.</summary>
    public readonly bool IsBehindAt(in RtpPacket packet) => packet.Timestamp == _nextTimestamp && packet.Ssrc == _ssrc && Behind > 0;

    /// <summary>The first samples of a packet are silence that is left out, so that the rest stands nearer to its time.</summary>
    public void LeaveOut(in RtpPacket packet, int samples)
    {
        _nextTimestamp = packet.Timestamp + samples;
        IsAstray = Behind > 0;
    }

    /// <summary>The position of an RTP timestamp that carries no audio, such as a telephone event's.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="heard">The position of its arrival.</param>
    /// <param name="wasHeldUp">It was held up on its way: its timestamp counts.</param>
    public readonly long PositionOf(in RtpPacket packet, long heard, bool wasHeldUp = false)
    {
        if (End < 0 || packet.Ssrc != _ssrc)
            return heard;
        long position = TimeOf(packet.Timestamp);
        return wasHeldUp || Math.Abs(position - heard) <= 2 * Tolerance ? Math.Max(0, position + Behind) : heard;
    }

    // Of the same source, and not before what it has said already.
    private readonly bool Continues(in RtpPacket packet) => End >= 0 && packet.Ssrc == _ssrc && packet.Timestamp - _nextTimestamp >= 0;

    private readonly long TimeOf(RtpTimestamp timestamp) => _basePosition + (timestamp - _baseTimestamp);

    private long PlaceAstray(in RtpPacket packet, in PlacingCue cue, bool continues)
    {
        if (!continues)
            return BeginStretch(packet, cue);
        long lateness = LatenessOf(packet, cue.Heard);
        if (lateness > Tolerance)
            return cue.WasHeldUp || IsSlow(packet, cue, lateness) ? TimeOf(packet.Timestamp) : BeginStretch(packet, cue);
        return packet.Timestamp == _nextTimestamp ? SetTime(packet, cue.Heard) : BeginStretch(packet, cue);
    }

    // A sender whose clock is slow, or whose way has become longer bit by bit: it goes on without a cut until it is silent for a moment.
    private readonly bool IsSlow(in RtpPacket packet, in PlacingCue cue, long lateness)
    {
        bool hasPaused = cue.IsQuiet || (cue.Follows && packet.Timestamp != _nextTimestamp);
        bool isTooLate = lateness > MaxLateness && lateness >= _lateness;
        return lateness - _lateness <= StepTolerance && !hasPaused && !isTooLate;
    }

    private long BeginStretch(in RtpPacket packet, in PlacingCue cue)
    {
        Stretches++;
        long ahead = End - cue.Heard;
        bool isDirect = ahead is > 0 and <= StepTolerance || (cue.Follows && packet.Ssrc == _ssrc && Math.Abs(ahead) <= StepTolerance);
        return SetTime(packet, isDirect ? End : cue.Heard);
    }

    private long SetTime(in RtpPacket packet, long position)
    {
        (_ssrc, _baseTimestamp, _basePosition) = (packet.Ssrc, packet.Timestamp, position);
        return position;
    }
}

/// <summary>What the place of a packet depends on besides its bytes.</summary>
/// <param name="Heard">The position of its arrival.</param>
/// <param name="Follows">Its sequence number follows that of the packet before it.</param>
/// <param name="Floor">Nothing may be placed before this: it has been sent.</param>
/// <param name="WasHeldUp">It is known to have been held up on its way, so its timestamp counts and not its arrival.</param>
/// <param name="IsQuiet">Nobody speaks in it.</param>
internal readonly record struct PlacingCue(long Heard, bool Follows, long Floor, bool WasHeldUp = false, bool IsQuiet = false);
