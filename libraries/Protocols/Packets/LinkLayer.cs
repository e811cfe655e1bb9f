using System.Buffers.Binary;

namespace CallMirror.Protocols.Packets;

/// <summary>Takes the link-layer header off a frame.</summary>
internal static class LinkLayer
{
    private const int EthernetTypeOffset = 12;
    private const int SllTypeOffset = 14;
    private const int Sll2HeaderLength = 20;
    private const int LoopbackHeaderLength = 4;
    private const int VlanTagLength = 4;

    private const ushort TypeIpv4 = 0x0800;
    private const ushort TypeIpv6 = 0x86DD;

    public static PacketError Strip(LinkType link, ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> ip)
    {
        switch (link)
        {
            case LinkType.Ethernet:
                return StripTyped(frame, EthernetTypeOffset, EthernetTypeOffset + sizeof(ushort), out ip);
            case LinkType.LinuxSll:
                return StripTyped(frame, SllTypeOffset, SllTypeOffset + sizeof(ushort), out ip);
            case LinkType.LinuxSll2:
                return StripTyped(frame, 0, Sll2HeaderLength, out ip);
            case LinkType.Null or LinkType.Loop:
                return StripLoopback(frame, out ip);
            case LinkType.RawIp or LinkType.RawIpOpenBsd or LinkType.Raw or LinkType.Ipv4 or LinkType.Ipv6:
                ip = frame;
                return PacketError.None;
            default:
                ip = default;
                return PacketError.UnsupportedLinkType;
        }
    }

    /// <summary>Ethernet and the cooked headers differ only in where the EtherType stands; VLAN tags follow it in all of them.</summary>
    private static PacketError StripTyped(ReadOnlySpan<byte> frame, int typeOffset, int headerLength, out ReadOnlySpan<byte> ip)
    {
        ip = default;
        if (frame.Length < headerLength)
            return PacketError.Truncated;
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(frame[typeOffset..]);
        ip = frame[headerLength..];
        while (IsVlanTag(type))
        {
            if (ip.Length < VlanTagLength)
                return PacketError.Truncated;
            type = BinaryPrimitives.ReadUInt16BigEndian(ip[2..]);
            ip = ip[VlanTagLength..];
        }

        return type is TypeIpv4 or TypeIpv6 ? PacketError.None : PacketError.NotIp;
    }

    /// <summary>IEEE 802.1Q, 802.1ad and its older number.</summary>
    private static bool IsVlanTag(ushort type) => type is 0x8100 or 0x88A8 or 0x9100;

    private static PacketError StripLoopback(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> ip)
    {
        ip = default;
        if (frame.Length < LoopbackHeaderLength)
            return PacketError.Truncated;
        uint family = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        if (!IsIpFamily(family) && !IsIpFamily(BinaryPrimitives.ReverseEndianness(family)))
            return PacketError.NotIp;
        ip = frame[LoopbackHeaderLength..];
        return PacketError.None;
    }

    /// <summary>AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24, 28 and 30 on the BSDs and macOS.</summary>
    private static bool IsIpFamily(uint family) => family is 2 or 10 or 24 or 28 or 30;
}
