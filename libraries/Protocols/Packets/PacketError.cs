namespace CallMirror.Protocols.Packets;

/// <summary>All the reasons why a captured frame gives no datagram. Each is a counter tag, so the list is short.</summary>
public enum PacketError
{
    None,

    /// <summary>The capture's snap length cut the frame, or it ends inside a header.</summary>
    Truncated,
    UnsupportedLinkType,

    /// <summary>ARP, LLDP and whatever else is no IP.</summary>
    NotIp,
    UnsupportedIpVersion,

    /// <summary>Lengths in the IP header, or in an IPv6 extension header, that contradict each other.</summary>
    BadIpHeader,

    /// <summary>One part of a fragmented datagram: give it to an <see cref="IpReassembler"/>.</summary>
    Fragment,
    NotUdpOrTcp,
    BadUdpLength,
    BadTcpHeader,
}
