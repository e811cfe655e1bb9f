namespace CallMirror.Protocols.Packets;

/// <summary>What stands before the IP header of a captured frame, by libpcap's numbers (DLT_ and LINKTYPE_ values, https://www.tcpdump.org/linktypes.html).</summary>
public enum LinkType
{
    /// <summary>BSD loopback: an address family in the capturing host's byte order.</summary>
    Null = 0,
    Ethernet = 1,

    /// <summary>DLT_RAW as libpcap reports it on most systems.</summary>
    RawIp = 12,

    /// <summary>DLT_RAW as libpcap reports it on OpenBSD.</summary>
    RawIpOpenBsd = 14,

    /// <summary>LINKTYPE_RAW, as files have it.</summary>
    Raw = 101,

    /// <summary>OpenBSD loopback: an address family in network byte order.</summary>
    Loop = 108,

    /// <summary>Linux "any" device, cooked header version 1.</summary>
    LinuxSll = 113,
    Ipv4 = 228,
    Ipv6 = 229,

    /// <summary>Linux "any" device, cooked header version 2.</summary>
    LinuxSll2 = 276,
}
