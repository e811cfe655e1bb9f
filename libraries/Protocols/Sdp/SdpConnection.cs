using System.Globalization;
using System.Net;

namespace CallMirror.Protocols.Sdp;

/// <summary>A c= line (RFC 8866 §5.7): the host as written, and the address where it is one.</summary>
internal sealed record SdpConnection(string Host, IPAddress? Address)
{
    /// <summary>Reads a value such as <c>IN IP4 224.2.1.1/127/3</c>; the address's own form decides, not the IP4 or IP6 before it.</summary>
    internal static bool TryParse(ReadOnlySpan<char> value, out SdpConnection? connection)
    {
        SdpText.TakeWord(ref value);
        SdpText.TakeWord(ref value);
        ReadOnlySpan<char> word = SdpText.TakeWord(ref value);
        ReadOnlySpan<char> host = SdpText.TakeUntil(ref word, '/');
        connection = host.IsEmpty ? null : new SdpConnection(host.ToString(), ParseAddress(host));
        return connection is not null;
    }

    private static IPAddress? ParseAddress(ReadOnlySpan<char> host)
    {
        if (!host.Contains(':')) return ParseIPv4(host);

        // A zone index names an interface of the sender's host: here it would be looked up on ours.
        ReadOnlySpan<char> address = SdpText.TakeUntil(ref host, '%');
        return IPAddress.TryParse(address, out IPAddress? ipv6) ? ipv6 : null;
    }

    // IPAddress.TryParse also takes "1", "0x7f.1" and octal: as SDP these are host names at best.
    private static IPAddress? ParseIPv4(ReadOnlySpan<char> host)
    {
        Span<byte> octets = stackalloc byte[4];
        for (int i = 0; i < octets.Length; i++)
        {
            bool isLast = i == octets.Length - 1;
            if (host.Contains('.') == isLast) return null;
            if (!byte.TryParse(SdpText.TakeUntil(ref host, '.'), NumberStyles.None, CultureInfo.InvariantCulture, out octets[i])) return null;
        }

        return new IPAddress(octets);
    }
}
