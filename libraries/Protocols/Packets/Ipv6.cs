using System.Buffers.Binary;

namespace CallMirror.Protocols.Packets;

/// <summary>Reads an IPv6 packet and its extension headers (RFC 8200 §3, §4).</summary>
internal static class Ipv6
{
    // |Version| Traffic Class |           Flow Label                  |
    // |         Payload Length        |  Next Header  |   Hop Limit   |
    // |                 Source Address (16 bytes)                     |
    // |               Destination Address (16 bytes)                  |
    private const int HeaderLength = 40;
    private const int AddressLength = 16;
    private const int ExtensionUnit = 8;

    // Fragment header, RFC 8200 §4.5
    // |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|
    // |                         Identification                        |
    private const ushort FragmentOffsetMask = 0xFFF8;

    private const byte HopByHop = 0;
    private const byte Routing = 43;
    private const byte FragmentHeader = 44;
    private const byte Authentication = 51;
    private const byte DestinationOptions = 60;
    private const byte Mobility = 135;
    private const byte HostIdentity = 139;
    private const byte Shim6 = 140;

    public static PacketError Read(ReadOnlySpan<byte> data, out IpPacket packet)
    {
        packet = default;
        if (data.Length < HeaderLength)
            return PacketError.Truncated;
        int payloadLength = BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        // 0 is a jumbogram or segmentation offload: all that was captured belongs to it.
        if (payloadLength == 0)
            payloadLength = data.Length - HeaderLength;
        if (payloadLength > data.Length - HeaderLength)
            return PacketError.Truncated;

        byte next = data[6];
        ReadOnlySpan<byte> rest = data.Slice(HeaderLength, payloadLength);
        PacketError error = SkipExtensions(ref next, ref rest, out ushort fragment, out uint identification);
        if (error != PacketError.None)
            return error;
        packet = new IpPacket
        {
            Version = 6,
            Protocol = next,
            Identification = identification,
            MoreFragments = (fragment & 1) != 0,
            FragmentOffset = fragment & FragmentOffsetMask,
            Source = TransportAddress.From(data.Slice(8, AddressLength), 0),
            Destination = TransportAddress.From(data.Slice(8 + AddressLength, AddressLength), 0),
            Payload = rest,
        };
        return PacketError.None;
    }

    /// <summary>Walks to the upper-layer header, or behind the fragment header of a packet that is a fragment (then <paramref name="fragment"/> is not 0).</summary>
    public static PacketError SkipExtensions(ref byte next, ref ReadOnlySpan<byte> rest, out ushort fragment, out uint identification)
    {
        fragment = 0;
        identification = 0;
        while (IsExtension(next) && fragment == 0)
        {
            if (rest.Length < ExtensionUnit)
                return PacketError.BadIpHeader;
            if (next == FragmentHeader)
            {
                // Offset 0 with no more fragments is an "atomic" fragment, whole in itself (RFC 6946).
                fragment = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) & (FragmentOffsetMask | 1));
                identification = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
            }

            int length = LengthOf(next, rest[1]);
            if (length > rest.Length)
                return PacketError.BadIpHeader;
            next = rest[0];
            rest = rest[length..];
        }

        return PacketError.None;
    }

    private static int LengthOf(byte header, byte lengthField) => header switch
    {
        FragmentHeader => ExtensionUnit,
        Authentication => (lengthField + 2) * 4, // RFC 4302 §2.2
        _ => (lengthField + 1) * ExtensionUnit,
    };

    private static bool IsExtension(byte header) =>
        header is HopByHop or Routing or FragmentHeader or Authentication or DestinationOptions or Mobility or HostIdentity or Shim6;

    /// <summary>
    /// Where the UDP header begins in a packet that may be cut short; -1 where there is none, or behind extension headers.
    /// </summary>
    public static int UdpHeaderOffset(ReadOnlySpan<byte> data) =>
        data.Length >= HeaderLength && data[6] == (byte)Transport.Udp ? HeaderLength : -1;
}
