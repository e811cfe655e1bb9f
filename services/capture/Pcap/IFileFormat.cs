using CallMirror.Capture.Sources;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Pcap;

/// <summary>How a capture file is written: reads its packets one after the other.</summary>
internal interface IFileFormat
{
    /// <summary>What the frames begin with, where that is known before the first of them.</summary>
    LinkType? Link { get; }

    /// <summary>Reads the next packet; false at the end, and where the file is damaged: then <paramref name="damage"/> says how.</summary>
    bool TryRead(out CapturedPacket packet, out string? damage);
}
