namespace CallMirror.Protocols.Sdp;

/// <summary>The lexical rules that all SDP lines share (RFC 8866 §5).</summary>
internal static class SdpText
{
    /// <summary>Takes the text up to the next blank off the front, and the blanks with it.</summary>
    internal static ReadOnlySpan<char> TakeWord(scoped ref ReadOnlySpan<char> text)
    {
        text = text.TrimStart();
        int end = text.IndexOfAny(' ', '\t');
        if (end < 0) end = text.Length;
        ReadOnlySpan<char> word = text[..end];
        text = text[end..].TrimStart();
        return word;
    }

    /// <summary>Takes the text up to a separator off the front, and the separator with it; all of it where there is none. Trimmed.</summary>
    internal static ReadOnlySpan<char> TakeUntil(scoped ref ReadOnlySpan<char> text, char separator)
    {
        int end = text.IndexOf(separator);
        ReadOnlySpan<char> part = end < 0 ? text : text[..end];
        text = end < 0 ? [] : text[(end + 1)..];
        return part.Trim();
    }

    internal static string? NullIfEmpty(ReadOnlySpan<char> text) => text.IsEmpty ? null : text.ToString();
}
