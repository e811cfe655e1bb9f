using CallMirror.Protocols.Packets;

namespace CallMirror.TestKit.Truth;

/// <summary>A UDP datagram of a capture.</summary>
internal sealed record WireDatagram(long TimeNs, string Source, byte[] Payload)
{
    /// <summary>RFC 3550 §5.1, and no RTCP (RFC 5761 §4).</summary>
    public bool IsRtp => Payload.Length >= 12 && Payload[0] >> 6 == 2 && Payload[1] is < 192 or > 223;

    public int PayloadType => Payload[1] & 0x7F;

    public ushort Sequence => (ushort)Bytes.BigEndian16(Payload, 2);

    public uint Timestamp => Bytes.BigEndian32(Payload, 4);

    public uint Ssrc => Bytes.BigEndian32(Payload, 8);

    public byte[] RtpPayload => Payload[Math.Min(Payload.Length, 12 + (Payload[0] & 0x0F) * 4)..];
}

/// <summary>Reads the datagrams of a capture with a link layer, an IP and a UDP of its own, none of the product's code.</summary>
internal static class WireReader
{
    public static IEnumerable<WireDatagram> Read(string capturePath)
    {
        foreach (var (time, link, frame) in PcapReader.Read(capturePath))
            if (Udp(time, link, frame) is { } datagram)
                yield return datagram;
    }

    private static WireDatagram? Udp(long time, LinkType link, byte[] frame)
    {
        int at = link switch { LinkType.Ethernet => 12, LinkType.LinuxSll2 => 0, _ => throw new NotSupportedException($"link type {link}") };
        int type = Bytes.BigEndian16(frame, at);
        at = link == LinkType.LinuxSll2 ? 20 : at + 2;
        for (; type is 0x8100 or 0x88A8; at += 4)
            type = Bytes.BigEndian16(frame, at + 2);
        bool v4 = type == 0x0800;
        if (!v4 && type != 0x86DD)
            return null;
        int udp = at + (v4 ? (frame[at] & 0x0F) * 4 : 40);
        bool laterFragment = v4 && (Bytes.BigEndian16(frame, at + 6) & 0x1FFF) != 0;
        if (frame[at + (v4 ? 9 : 6)] != 17 || laterFragment || frame.Length < udp + 8)
            return null;
        string source = $"{Convert.ToHexString(frame, at + (v4 ? 12 : 8), v4 ? 4 : 16)}:{Bytes.BigEndian16(frame, udp)}";
        int end = Math.Clamp(udp + Bytes.BigEndian16(frame, udp + 4), udp + 8, frame.Length);
        return new WireDatagram(time, source, frame[(udp + 8)..end]);
    }
}

internal static class Bytes
{
    public static int BigEndian16(byte[] bytes, int at) => (bytes[at] << 8) | bytes[at + 1];

    public static uint BigEndian32(byte[] bytes, int at) => ((uint)BigEndian16(bytes, at) << 16) | (uint)BigEndian16(bytes, at + 2);
}
