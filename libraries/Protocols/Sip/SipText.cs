using System.Buffers;
using System.Globalization;
using System.Text;

namespace CallMirror.Protocols.Sip;

/// <summary>The lexical rules that all SIP headers share (RFC 3261 §25.1).</summary>
internal static class SipText
{
    private static readonly SearchValues<byte> TokenBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"u8);

    /// <summary>Spaces, tabs and stray carriage returns.</summary>
    internal static ReadOnlySpan<byte> Whitespace => " \t\r"u8;

    /// <summary>Linear whitespace of a header's value: folds included.</summary>
    internal static ReadOnlySpan<byte> LinearWhitespace => " \t\r\n"u8;

    internal static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenBytes);

    internal static bool StartsWithIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix) =>
        text.Length >= prefix.Length && Ascii.EqualsIgnoreCase(text[..prefix.Length], prefix);

    /// <summary>Takes the bytes up to the next whitespace off the front, and that whitespace with them.</summary>
    internal static ReadOnlySpan<byte> TakeWord(scoped ref ReadOnlySpan<byte> text)
    {
        int end = text.IndexOfAny(LinearWhitespace);
        if (end < 0) end = text.Length;
        ReadOnlySpan<byte> word = text[..end];
        text = text[end..].TrimStart(LinearWhitespace);
        return word;
    }

    /// <summary>Takes one line off the front, without its CRLF or bare LF.</summary>
    internal static ReadOnlySpan<byte> TakeLine(scoped ref ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    /// <summary>Decimal digits only, leading zeros allowed; false when it exceeds 32 bits.</summary>
    internal static bool TryParseNumber(ReadOnlySpan<byte> digits, out uint number) =>
        uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>The value as text: trimmed, each fold one space (RFC 3261 §7.3.1), what is not UTF-8 as U+FFFD.</summary>
    internal static string Unfold(ReadOnlySpan<byte> value)
    {
        value = value.Trim(LinearWhitespace);
        if (!value.Contains((byte)'\n')) return Encoding.UTF8.GetString(value);

        var text = new StringBuilder(value.Length);
        while (!value.IsEmpty)
        {
            if (text.Length > 0) text.Append(' ');
            text.Append(Encoding.UTF8.GetString(TakeLine(ref value).Trim(Whitespace)));
            value = value.TrimStart(LinearWhitespace);
        }

        return text.ToString();
    }

    /// <summary>The length of the quoted string that starts here, both quotes included; 0 when it is never closed.</summary>
    internal static int QuotedLength(ReadOnlySpan<char> text)
    {
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '"') return i + 1;
        }

        return 0;
    }
}
