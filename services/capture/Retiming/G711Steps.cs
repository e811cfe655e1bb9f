using CallMirror.Capture.Calls;
using CallMirror.Capture.Sources;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Retiming;

/// <summary>Reads the RTP of G.711 out of frames: its timestamps count samples of 125 µs, whatever the times of the packets are.</summary>
internal static class G711Steps
{
    /// <summary>Reads a packet; false where it is none of G.711 by its static types.</summary>
    public static bool TryRead(in CapturedPacket packet, out MediaPath path, out RtpPacket rtp)
    {
        path = default;
        rtp = default;
        if (!FrameDissector.TryDissect(packet.Link, packet.Frame, out var datagram, out _) || datagram.Transport != Transport.Udp)
            return false;
        if (RtpClassifier.Classify(datagram.Payload) != PacketKind.Rtp || !RtpPacket.TryParse(datagram.Payload, out rtp, out _))
            return false;
        path = new MediaPath(datagram.Source, datagram.Destination);
        return rtp.PayloadType is StaticPayloadType.Pcmu or StaticPayloadType.Pcma && rtp.Payload.Length > 0;
    }
}
