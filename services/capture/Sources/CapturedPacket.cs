using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Sources;

/// <summary>A frame as it was captured; its bytes belong to the source and change with the next read.</summary>
public readonly ref struct CapturedPacket(LinkType link, long timeNs, ReadOnlySpan<byte> frame)
{
    /// <summary>What the frame begins with.</summary>
    public LinkType Link { get; } = link;

    /// <summary>Capture time in nanoseconds since the Unix epoch.</summary>
    public long TimeNs { get; } = timeNs;

    /// <summary>The frame's bytes.</summary>
    public ReadOnlySpan<byte> Frame { get; } = frame;
}
