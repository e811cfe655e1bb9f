namespace CallMirror.Protocols.Packets;

/// <summary>Turns a captured frame into the datagram it carries. Never throws and never allocates, whatever the frame holds.</summary>
public static class FrameDissector
{
    /// <summary>Reads a frame down to UDP or TCP; a fragment gives <see cref="PacketError.Fragment"/>.</summary>
    public static bool TryDissect(LinkType link, ReadOnlySpan<byte> frame, out Datagram datagram, out PacketError error)
    {
        datagram = default;
        return TryReadIp(link, frame, out IpPacket packet, out error) && TryReadTransport(in packet, out datagram, out error);
    }

    /// <summary>Reads a frame down to IP: the first half of <see cref="TryDissect"/>, for what goes to an <see cref="IpReassembler"/>.</summary>
    public static bool TryReadIp(LinkType link, ReadOnlySpan<byte> frame, out IpPacket packet, out PacketError error)
    {
        error = LinkLayer.Strip(link, frame, out ReadOnlySpan<byte> ip);
        if (error == PacketError.None)
            error = ReadIp(ip, out packet);
        else
            packet = default;
        return error == PacketError.None;
    }

    /// <summary>Reads UDP or TCP out of a whole IP packet: the second half of <see cref="TryDissect"/>, also for what an <see cref="IpReassembler"/> gives.</summary>
    public static bool TryReadTransport(scoped in IpPacket packet, out Datagram datagram, out PacketError error)
    {
        error = ReadTransport(in packet, out datagram);
        return error == PacketError.None;
    }

    /// <summary>
    /// What there is of the payload of a UDP datagram that the snapshot length has cut, or that is whole. False where it is none, or
    /// not even its header is there; a fragment, and IPv6 with extension headers, count as none.
    /// </summary>
    public static bool TryReadCutUdp(LinkType link, ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (LinkLayer.Strip(link, frame, out ReadOnlySpan<byte> ip) != PacketError.None || ip.IsEmpty)
            return false;
        int headers = (ip[0] >> 4) switch
        {
            4 => Ipv4.UdpHeaderOffset(ip),
            6 => Ipv6.UdpHeaderOffset(ip),
            _ => -1,
        };
        if (headers < 0 || ip.Length < headers + TransportLayer.UdpHeaderLength)
            return false;
        payload = ip[(headers + TransportLayer.UdpHeaderLength)..];
        return true;
    }

    /// <summary>The version is read from the packet itself: an EtherType or link type that says otherwise is wrong.</summary>
    private static PacketError ReadIp(ReadOnlySpan<byte> ip, out IpPacket packet)
    {
        int version = ip.IsEmpty ? 0 : ip[0] >> 4;
        if (version == 4)
            return Ipv4.Read(ip, out packet);
        if (version == 6)
            return Ipv6.Read(ip, out packet);
        packet = default;
        return ip.IsEmpty ? PacketError.Truncated : PacketError.UnsupportedIpVersion;
    }

    private static PacketError ReadTransport(scoped in IpPacket packet, out Datagram datagram)
    {
        datagram = default;
        if (packet.IsFragment)
            return PacketError.Fragment;
        byte protocol = packet.Protocol;
        ReadOnlySpan<byte> payload = packet.Payload;
        if (packet.Version == 6 && SkipReassembledExtensions(ref protocol, ref payload) is not PacketError.None and var error)
            return error;
        return (Transport)protocol switch
        {
            Transport.Udp => TransportLayer.ReadUdp(in packet, payload, out datagram),
            Transport.Tcp => TransportLayer.ReadTcp(in packet, payload, out datagram),
            _ => PacketError.NotUdpOrTcp,
        };
    }

    /// <summary>Extension headers behind the fragment header become visible only once the datagram is whole. Fragments within fragments are refused.</summary>
    private static PacketError SkipReassembledExtensions(ref byte protocol, ref ReadOnlySpan<byte> payload)
    {
        PacketError error = Ipv6.SkipExtensions(ref protocol, ref payload, out ushort fragment, out _);
        return fragment != 0 ? PacketError.BadIpHeader : error;
    }
}
