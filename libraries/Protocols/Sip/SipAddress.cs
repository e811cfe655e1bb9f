namespace CallMirror.Protocols.Sip;

/// <summary>A From, To or Contact value: name-addr or addr-spec with its tag (RFC 3261 §20.10, 20.20, 25.1). What the text lacks is null.</summary>
/// <param name="DisplayName">Without quotes and escapes.</param>
/// <param name="Uri">As written, without angle brackets.</param>
/// <param name="User">The user part of a sip(s) URI without its password, or the number of a tel URI; percent escapes undone.</param>
/// <param name="Host">The host of a sip(s) URI, without port and without the brackets of an IPv6 address.</param>
/// <param name="Tag">The header's tag parameter, never one of the URI.</param>
public sealed record SipAddress(string? DisplayName, string? Uri, string? User, string? Host, string? Tag)
{
    /// <summary>What stands for a header that is missing.</summary>
    public static readonly SipAddress Empty = new(null, null, null, null, null);

    /// <summary>Reads one header value. There is no text it fails on: what cannot be found is null.</summary>
    public static SipAddress Parse(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        ReadOnlySpan<char> text = value.AsSpan().Trim();
        int open = IndexOfBracket(text);
        return open < 0 ? ParseAddrSpec(text) : ParseNameAddr(text, open);
    }

    // "display name" <uri>;parameters
    private static SipAddress ParseNameAddr(ReadOnlySpan<char> text, int open)
    {
        ReadOnlySpan<char> rest = text[(open + 1)..];
        int close = rest.IndexOf('>');
        ReadOnlySpan<char> uri = (close < 0 ? rest : rest[..close]).Trim();
        ReadOnlySpan<char> parameters = close < 0 ? [] : rest[(close + 1)..];
        return Create(SipParameters.Unquote(text[..open].Trim()), uri, parameters);
    }

    // Without brackets every ";" belongs to the header, not to the URI (RFC 3261 §20).
    private static SipAddress ParseAddrSpec(ReadOnlySpan<char> text)
    {
        int semicolon = text.IndexOf(';');
        return semicolon < 0 ? Create("", text, []) : Create("", text[..semicolon].Trim(), text[semicolon..]);
    }

    private static SipAddress Create(string displayName, ReadOnlySpan<char> uri, ReadOnlySpan<char> parameters)
    {
        (string? user, string? host) = SipUri.Split(uri);
        return new SipAddress(
            displayName.Length > 0 ? displayName : null,
            uri.IsEmpty ? null : uri.ToString(),
            user,
            host,
            SipParameters.Find(parameters, "tag"));
    }

    private static int IndexOfBracket(ReadOnlySpan<char> text)
    {
        int start = text is ['"', ..] ? SipText.QuotedLength(text) : 0;
        int open = text[start..].IndexOf('<');
        return open < 0 ? -1 : start + open;
    }
}
