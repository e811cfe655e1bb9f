namespace CallMirror.Protocols.Sip;

/// <summary>Whom a URI names (RFC 3261 §19.1, RFC 3966).</summary>
internal static class SipUri
{
    /// <summary>User and host of a sip or sips URI, the number of a tel URI as user; nulls for any other scheme.</summary>
    internal static (string? User, string? Host) Split(ReadOnlySpan<char> uri)
    {
        int colon = uri.IndexOf(':');
        if (colon < 0) return (null, null);
        ReadOnlySpan<char> scheme = uri[..colon].Trim();
        ReadOnlySpan<char> rest = uri[(colon + 1)..];
        if (scheme.Equals("tel", StringComparison.OrdinalIgnoreCase)) return (Unescape(Before(rest, ";")), null);
        return scheme.Equals("sip", StringComparison.OrdinalIgnoreCase) || scheme.Equals("sips", StringComparison.OrdinalIgnoreCase)
            ? SplitSip(rest)
            : (null, null);
    }

    // The user part may hold ";" and "?", the host part may not hold "@": the last "@" parts them.
    private static (string? User, string? Host) SplitSip(ReadOnlySpan<char> rest)
    {
        int at = rest.LastIndexOf('@');
        string? user = at < 0 ? null : Unescape(Before(rest[..at], ":"));
        return (user, Host(Before(rest[(at + 1)..], ";?").Trim()));
    }

    private static string? Host(ReadOnlySpan<char> hostPort)
    {
        ReadOnlySpan<char> host = hostPort is ['[', ..] ? Before(hostPort[1..], "]") : Before(hostPort, ":");
        return host.IsEmpty ? null : host.ToString();
    }

    private static ReadOnlySpan<char> Before(ReadOnlySpan<char> text, string ends)
    {
        int end = text.IndexOfAny(ends);
        return end < 0 ? text : text[..end];
    }

    private static string? Unescape(ReadOnlySpan<char> text) => text.IsEmpty ? null : Uri.UnescapeDataString(text);
}
