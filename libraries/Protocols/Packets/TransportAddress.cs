using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace CallMirror.Protocols.Packets;

/// <summary>One end of a datagram: an IP address and a port. IPv4 addresses are held as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2).</summary>
public readonly record struct TransportAddress
{
    private const int Ipv4Length = 4;
    private const int Ipv6Length = 16;
    private const ulong Ipv4Prefix = 0xFFFFul << 32;

    // Each packet is looked up by its addresses, so they are mixed in two multiplications. Who sends them can't know by what, so can't choose ones that collide.
    private static readonly ulong LowSecret = Secret();
    private static readonly ulong HighSecret = Secret();
    private static readonly ulong PortSecret = Secret();

    private readonly ulong _high;
    private readonly ulong _low;

    private TransportAddress(ulong high, ulong low, ushort port)
    {
        _high = high;
        _low = low;
        Port = port;
    }

    public ushort Port { get; }

    /// <summary>Whether it is IPv4, or IPv4 mapped into IPv6 (<c>::ffff:0:0/96</c>): here they are the same.</summary>
    public bool IsIPv4 => _high == 0 && _low >> 32 == 0xFFFF;

    /// <summary>0.0.0.0 or ::, whatever the port.</summary>
    public bool IsUnspecified => _high == 0 && (_low == 0 || _low == Ipv4Prefix);

    /// <summary>Reads an address of 4 or 16 bytes in network order.</summary>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public static TransportAddress From(ReadOnlySpan<byte> address4or16, int port) => address4or16.Length switch
    {
        Ipv4Length => FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(address4or16), (ushort)port),
        Ipv6Length => new(
            BinaryPrimitives.ReadUInt64BigEndian(address4or16),
            BinaryPrimitives.ReadUInt64BigEndian(address4or16[8..]),
            (ushort)port),
        _ => throw new ArgumentException("An IP address has 4 or 16 bytes.", nameof(address4or16)),
    };

    /// <summary>The same address with a port, of which the lower 16 bits count; the scope of an IPv6 address is left out.</summary>
    public static TransportAddress From(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[Ipv6Length];
        _ = address.TryWriteBytes(bytes, out int length);
        return From(bytes[..length], port);
    }

    /// <summary>Reads <c>1.2.3.4:5060</c> or <c>[fd00::1]:5060</c>, as <see cref="ToString"/> writes them; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TransportAddress value)
    {
        value = default;
        int colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            return false;

        ReadOnlySpan<char> address = text[..colon];
        bool bracketed = address is ['[', .., ']'];
        if (bracketed)
            address = address[1..^1];
        return bracketed == address.Contains(':') && TryParseAddress(address, port, out value);
    }

    /// <summary>Reads an address without brackets or port, as SDP's <c>c=</c> has it.</summary>
    public static bool TryParseAddress(ReadOnlySpan<char> address, int port, out TransportAddress value)
    {
        value = default;
        // IPAddress.TryParse also takes "1", "0x7f.1" and "[::1]:80", which no protocol here means.
        bool plain = address.Contains(':') || address.Count('.') == 3;
        if (!plain || address.ContainsAny("[]%xX") || !IPAddress.TryParse(address, out IPAddress? parsed))
            return false;
        value = From(parsed, port);
        return true;
    }

    public TransportAddress WithPort(int port) => new(_high, _low, (ushort)port);

    /// <summary>Whether both have the same IP address, whatever their ports.</summary>
    public bool HasSameAddress(TransportAddress other) => _low == other._low && _high == other._high;

    public bool Equals(TransportAddress other) => _low == other._low && _high == other._high && Port == other.Port;

    public override int GetHashCode() => (int)Mix(Mix(_low ^ LowSecret, _high ^ HighSecret) ^ Port, PortSecret);

    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[Ipv6Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _low);
        return new IPAddress(IsIPv4 ? bytes[^Ipv4Length..] : bytes);
    }

    /// <summary>The address alone: <c>1.2.3.4</c> or <c>fd00::1</c>.</summary>
    public string ToAddressString() => ToIPAddress().ToString();

    /// <summary><c>1.2.3.4:5060</c> or <c>[fd00::1]:5060</c>.</summary>
    public override string ToString() => IsIPv4
        ? string.Create(CultureInfo.InvariantCulture, $"{ToIPAddress()}:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"[{ToIPAddress()}]:{Port}");

    private static ulong Mix(ulong one, ulong other)
    {
        ulong high = Math.BigMul(one, other, out ulong low);
        return high ^ low;
    }

    private static ulong Secret() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;

    internal static TransportAddress FromIPv4(uint address, ushort port) => new(0, Ipv4Prefix | address, port);
}
