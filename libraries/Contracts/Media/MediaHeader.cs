namespace CallMirror.Contracts.Media;

/// <summary>What stands before the sections of a media message.</summary>
public readonly record struct MediaHeader
{
    /// <summary>What the message holds.</summary>
    public required MediaKind Kind { get; init; }

    /// <summary>The capture process it comes from; sequences of different sources are independent.</summary>
    public required uint Source { get; init; }

    /// <summary>Counts the messages of a call from this source, from 0.</summary>
    public required uint Sequence { get; init; }

    /// <summary>The rate in which positions are counted, in Hz.</summary>
    public required int SampleRate { get; init; }

    /// <summary>Capture time of position 0, in nanoseconds since the Unix epoch.</summary>
    public required long Epoch { get; init; }

    /// <summary>Capture time of the newest packet in it, in nanoseconds since the Unix epoch.</summary>
    public required long CapturedAt { get; init; }
}

/// <summary>A stretch of samples without a gap, in one encoding.</summary>
public readonly record struct RunHeader
{
    /// <summary>Position of the first sample.</summary>
    public required long Position { get; init; }

    /// <summary>RTP SSRC.</summary>
    public required uint Ssrc { get; init; }

    /// <summary>RTP timestamp of the first sample, at the RTP clock.</summary>
    public required uint Timestamp { get; init; }

    /// <summary>How the payload is encoded.</summary>
    public required MediaCodec Codec { get; init; }

    /// <summary>History or new.</summary>
    public RunFlags Flags { get; init; }
}

/// <summary>Something that happened at a position, besides audio.</summary>
public readonly record struct MediaMark
{
    /// <summary>After the samples before this position.</summary>
    public required long Position { get; init; }

    /// <summary>What happened.</summary>
    public required MarkKind Kind { get; init; }

    /// <summary>See <see cref="MarkKind"/>.</summary>
    public byte Code { get; init; }

    /// <summary>See <see cref="MarkKind"/>.</summary>
    public uint Value { get; init; }
}
