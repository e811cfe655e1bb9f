using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Sources;

/// <summary>A frame as it was captured; its bytes belong to the source and change with the next read.</summary>
/// <param name="link">What the frame begins with.</param>
/// <param name="timeNs">Capture time in nanoseconds since the Unix epoch.</param>
/// <param name="frame">What was captured of it.</param>
/// <param name="length">How long it was on the wire, where that is known and more than was captured.</param>
public readonly ref struct CapturedPacket(LinkType link, long timeNs, ReadOnlySpan<byte> frame, int length = 0)
{
    /// <summary>What the frame begins with.</summary>
    public LinkType Link { get; } = link;

    /// <summary>Capture time in nanoseconds since the Unix epoch.</summary>
    public long TimeNs { get; } = timeNs;

    /// <summary>The frame's bytes.</summary>
    public ReadOnlySpan<byte> Frame { get; } = frame;

    /// <summary>How long the frame was on the wire.</summary>
    public int Length { get; } = Math.Max(length, frame.Length);
}
