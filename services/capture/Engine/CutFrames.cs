using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Engine;

/// <summary>
/// Counts the frames that can't be read, and of those that the snapshot length has cut what they were: so it can be said why there is
/// no audio.
/// </summary>
internal static class CutFrames
{
    // Ethernet and IPv4: who cuts frames keeps that at the least, and what is shorter was never whole.
    private const int LeastLength = 14 + 20;

    /// <summary>Counts a frame.</summary>
    public static void Count(PacketError error, LinkType link, ReadOnlySpan<byte> frame, CaptureCounters counters)
    {
        bool isCut = error == PacketError.Truncated && frame.Length >= LeastLength;
        counters.Drop(CapturedKind.Unreadable, isCut ? DropReason.CutShort : DropReason.NotReadable);
        if (error == PacketError.UnsupportedLinkType)
            counters.UnreadLink = link;
        if (!isCut || !FrameDissector.TryReadCutUdp(link, frame, out var payload))
            return;
        if (RtpClassifier.Classify(payload) == PacketKind.Rtp)
            counters.CutRtp++;
        else if (SipRecognizer.LooksLikeSip(payload))
            counters.CutSip++;
    }
}
