using System.Text;

namespace CallMirror.TestKit.Truth;

/// <summary>
/// Reads the RTP and SIP of a capture for itself: its own link layer, IP, UDP and RTP, none of the product's code. What it reads is what
/// every output is held against.
/// </summary>
public static class GroundTruth
{
    private const int Pcmu = 0;
    private const int Pcma = 8;

    /// <summary>The streams that have G.711 audio, in the order in which they begin.</summary>
    public static IReadOnlyList<TrueStream> Read(string capturePath)
    {
        Dictionary<(string, uint), List<WireDatagram>> streams = [];
        foreach (var rtp in WireReader.Read(capturePath).Where(datagram => datagram.IsRtp))
        {
            if (rtp.PayloadType is not (Pcmu or Pcma) || rtp.RtpPayload.Length == 0)
                continue;
            var key = (rtp.Source, rtp.Ssrc);
            if (!streams.TryGetValue(key, out var packets))
                streams[key] = packets = [];
            if (!packets.Any(other => other.Sequence == rtp.Sequence && other.Timestamp == rtp.Timestamp))
                packets.Add(rtp);
        }

        return [.. streams.Select(stream => new TrueStream(stream.Key.Item1, stream.Key.Item2, InOrder(stream.Value)))];
    }

    /// <summary>The digits that were sent, each once, as packets of a payload type.</summary>
    public static IReadOnlyList<TrueDigit> Digits(string capturePath, int payloadType) =>
    [
        .. WireReader.Read(capturePath).Where(datagram => datagram.IsRtp && datagram.PayloadType == payloadType)
            .DistinctBy(rtp => (rtp.Ssrc, rtp.Timestamp))
            .Select(rtp => new TrueDigit(rtp.TimeNs, rtp.Ssrc, rtp.RtpPayload[0])),
    ];

    /// <summary>The SIP messages in the order in which they were captured.</summary>
    public static IReadOnlyList<TrueSip> Sip(string capturePath) =>
    [
        .. WireReader.Read(capturePath).Where(datagram => datagram.Payload.AsSpan().IndexOf("SIP/2.0"u8) is >= 0 and < 512)
            .Select(datagram => new TrueSip(datagram.TimeNs, Encoding.UTF8.GetString(datagram.Payload))),
    ];

    private static List<TruePacket> InOrder(List<WireDatagram> packets)
    {
        long last = packets[0].Sequence;
        List<TruePacket> result = [];
        foreach (var packet in packets)
        {
            last += (short)(packet.Sequence - last);
            result.Add(new TruePacket(packet.TimeNs, last, packet.PayloadType, packet.RtpPayload));
        }

        return [.. result.OrderBy(packet => packet.Sequence)];
    }
}
