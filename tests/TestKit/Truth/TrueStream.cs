using CallMirror.Protocols.Packets;

namespace CallMirror.TestKit.Truth;

/// <summary>One G.711 packet as it was on the wire.</summary>
/// <param name="TimeNs">Capture time.</param>
/// <param name="Sequence">Sequence number, extended beyond 16 bits.</param>
/// <param name="Samples">Its payload, decoded.</param>
public sealed record TruePacket(long TimeNs, long Sequence, short[] Samples);

/// <summary>The G.711 packets of one sender and SSRC in the order of their sequence numbers, each once.</summary>
public sealed record TrueStream(string Source, uint Ssrc, IReadOnlyList<TruePacket> Packets)
{
    /// <summary>All samples, without gaps.</summary>
    public int SampleCount => Packets.Sum(packet => packet.Samples.Length);
}

/// <summary>
/// Reads the RTP of a capture for itself: its own link layer, IP, UDP and RTP, none of the product's code. What it reads is what
/// every output is held against.
/// </summary>
public static class GroundTruth
{
    /// <summary>The streams that have G.711 audio, in the order in which they begin.</summary>
    public static IReadOnlyList<TrueStream> Read(string capturePath)
    {
        Dictionary<(string, uint), List<(long Time, ushort Sequence, uint Timestamp, short[] Samples)>> streams = [];
        foreach (var (time, link, frame) in PcapReader.Read(capturePath))
        {
            if (!TryReadRtp(link, frame, out string source, out byte[] rtp))
                continue;
            int payloadType = rtp[1] & 0x7F;
            int header = 12 + (rtp[0] & 0x0F) * 4;
            if (payloadType is not (0 or 8) || rtp.Length <= header)
                continue;
            var key = (source, BigEndian32(rtp, 8));
            var packet = (time, (ushort)((rtp[2] << 8) | rtp[3]), BigEndian32(rtp, 4), Decode(rtp.AsSpan(header), payloadType));
            if (!streams.TryGetValue(key, out var packets))
                streams[key] = packets = [];
            if (!packets.Any(other => other.Sequence == packet.Item2 && other.Timestamp == packet.Item3))
                packets.Add(packet);
        }

        return [.. streams.Select(stream => new TrueStream(stream.Key.Item1, stream.Key.Item2, InOrder(stream.Value)))];
    }

    private static List<TruePacket> InOrder(List<(long Time, ushort Sequence, uint Timestamp, short[] Samples)> packets)
    {
        long last = packets[0].Sequence;
        List<TruePacket> result = [];
        foreach (var packet in packets)
        {
            last += (short)(packet.Sequence - last);
            result.Add(new TruePacket(packet.Time, last, packet.Samples));
        }

        return [.. result.OrderBy(packet => packet.Sequence)];
    }

    private static short[] Decode(ReadOnlySpan<byte> payload, int payloadType)
    {
        var samples = new short[payload.Length];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = payloadType == 8 ? G711Formula.ALaw(payload[i]) : G711Formula.MuLaw(payload[i]);
        return samples;
    }

    private static bool TryReadRtp(LinkType link, byte[] frame, out string source, out byte[] rtp)
    {
        (source, rtp) = ("", []);
        int at = link switch { LinkType.Ethernet => 12, LinkType.LinuxSll2 => 0, _ => throw new NotSupportedException($"link type {link}") };
        int type = BigEndian16(frame, at);
        at = link == LinkType.LinuxSll2 ? 20 : at + 2;
        for (; type is 0x8100 or 0x88A8; at += 4)
            type = BigEndian16(frame, at + 2);
        bool v4 = type == 0x0800;
        if (!v4 && type != 0x86DD)
            return false;
        int udp = at + (v4 ? (frame[at] & 0x0F) * 4 : 40);
        bool fragment = v4 && (BigEndian16(frame, at + 6) & 0x1FFF) != 0;
        if (frame[at + (v4 ? 9 : 6)] != 17 || fragment || frame.Length < udp + 8 + 12)
            return false;
        source = $"{Convert.ToHexString(frame, at + (v4 ? 12 : 8), v4 ? 4 : 16)}:{BigEndian16(frame, udp)}";
        rtp = frame[(udp + 8)..Math.Min(frame.Length, udp + BigEndian16(frame, udp + 4))];
        return rtp.Length >= 12 && rtp[0] >> 6 == 2 && rtp[1] is < 192 or > 223;
    }

    private static int BigEndian16(byte[] bytes, int at) => (bytes[at] << 8) | bytes[at + 1];

    private static uint BigEndian32(byte[] bytes, int at) => ((uint)BigEndian16(bytes, at) << 16) | (uint)BigEndian16(bytes, at + 2);
}
