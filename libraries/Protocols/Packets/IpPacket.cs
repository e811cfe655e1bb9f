namespace CallMirror.Protocols.Packets;

/// <summary>An IPv4 or IPv6 packet, whole or a fragment. The payload is a slice of what it was read from and lives as long as that.</summary>
public readonly ref struct IpPacket
{
    /// <summary>4 or 6.</summary>
    public byte Version { get; init; }

    /// <summary>IP protocol number of the payload; in an IPv6 fragment that is not the first it can't be relied on.</summary>
    public byte Protocol { get; init; }

    /// <summary>The sender, with port 0.</summary>
    public TransportAddress Source { get; init; }

    /// <summary>The receiver, with port 0.</summary>
    public TransportAddress Destination { get; init; }

    /// <summary>Shared by all fragments of a datagram: 16 bits in IPv4, 32 in IPv6.</summary>
    public uint Identification { get; init; }

    /// <summary>Where this fragment's payload stands in its datagram, in bytes.</summary>
    public int FragmentOffset { get; init; }

    public bool MoreFragments { get; init; }

    /// <summary>What follows the IP header and its extensions, without link-layer padding.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    public bool IsFragment => MoreFragments || FragmentOffset > 0;
}
