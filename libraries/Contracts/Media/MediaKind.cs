namespace CallMirror.Contracts.Media;

/// <summary>What a media message holds.</summary>
public enum MediaKind : byte
{
    /// <summary>Encoded audio as captured, exchange <c>callmirror.rtp</c>.</summary>
    RtpBatch = 1,

    /// <summary>Decoded audio, exchange <c>callmirror.pcm</c>.</summary>
    L16Chunk = 2,
}

/// <summary>How the payload of a run is encoded; the numbers are RFC 3551's static payload types.</summary>
public enum MediaCodec : byte
{
    /// <summary>G.711 µ-law, a byte a sample.</summary>
    Pcmu = 0,

    /// <summary>G.711 A-law, a byte a sample.</summary>
    Pcma = 8,

    /// <summary>Linear 16 bit, little-endian (unlike RFC 3551's, which is big-endian on the wire), two bytes a sample.</summary>
    L16 = 11,
}

/// <summary>Flags of a section.</summary>
[Flags]
public enum SectionFlags : byte
{
    /// <summary>Nothing set.</summary>
    None = 0,

    /// <summary>
    /// The stretch that the section's last run belongs to may go on without a gap, so the filter has to wait for what follows.
    /// Not set: silence follows.
    /// </summary>
    Open = 1,
}

/// <summary>Flags of a run.</summary>
[Flags]
public enum RunFlags : byte
{
    /// <summary>Nothing set.</summary>
    None = 0,

    /// <summary>Samples that an earlier message carried already, repeated as context for the resampling filter.</summary>
    History = 1,
}

/// <summary>What happened at a position, besides audio.</summary>
public enum MarkKind : byte
{
    /// <summary>A telephone event (RFC 4733), once a digit; the code is the event.</summary>
    Dtmf = 1,

    /// <summary>The call was put on hold; the code is the role that holds.</summary>
    Hold = 2,

    /// <summary>The call goes on; the code is the role that had held.</summary>
    Resume = 3,

    /// <summary>Samples that were captured but dropped on the way; the value is how many.</summary>
    Gap = 4,

    /// <summary>The stream ends here; the code is a <see cref="Calls.EndReason"/>.</summary>
    End = 5,
}

/// <summary>Why bytes are no media message.</summary>
public enum MediaMessageError : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Shorter than its header says.</summary>
    Truncated,

    /// <summary>A version that this code does not know.</summary>
    UnsupportedVersion,

    /// <summary>Neither an RTP batch nor an L16 chunk.</summary>
    UnknownKind,

    /// <summary>Sample rate 0 or above 384 kHz.</summary>
    BadSampleRate,

    /// <summary>The header length does not hold the call-id.</summary>
    BadHeaderLength,

    /// <summary>A call-id over <see cref="MediaLayout.MaxCallIdBytes"/>.</summary>
    CallIdTooLong,

    /// <summary>An L16 payload with an odd number of bytes.</summary>
    OddPayload,

    /// <summary>Bytes after the last section.</summary>
    TrailingBytes,
}
