using System.Text;

namespace CallMirror.Protocols.Sip;

/// <summary>The parts of a header's value: comma-separated values, ;-separated parameters, quoted strings (RFC 3261 section 7.3.1, 25.1).</summary>
internal static class SipParameters
{
    /// <summary>The values of a comma-separated list, trimmed, empty ones left out.</summary>
    internal static IEnumerable<string> SplitList(string value)
    {
        int start = 0;
        while (start < value.Length)
        {
            int comma = SipText.IndexOfOutsideQuotes(value.AsSpan(start), ',');
            int end = comma < 0 ? value.Length : start + comma;
            string item = value[start..end].Trim();
            if (item.Length > 0) yield return item;
            start = end + 1;
        }
    }

    /// <summary>A parameter's value in a text such as <c>text/plain;a=b ; c = "d"</c>, its quotes undone; null when it is not there or empty.</summary>
    internal static string? Find(ReadOnlySpan<char> text, string name)
    {
        int semicolon;
        while ((semicolon = SipText.IndexOfOutsideQuotes(text, ';')) >= 0)
        {
            text = text[(semicolon + 1)..];
            int end = SipText.IndexOfOutsideQuotes(text, ';');
            ReadOnlySpan<char> parameter = end < 0 ? text : text[..end];
            int equals = parameter.IndexOf('=');
            if (equals < 0 || !parameter[..equals].Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            string value = Unquote(parameter[(equals + 1)..].Trim());
            return value.Length > 0 ? value : null;
        }

        return null;
    }

    /// <summary>A quoted string without its quotes and escapes; any other text as it is.</summary>
    internal static string Unquote(ReadOnlySpan<char> text)
    {
        if (text is not ['"', ..]) return text.ToString();
        int length = SipText.QuotedLength(text);
        if (length == 0) return text[1..].ToString();

        ReadOnlySpan<char> inner = text[1..(length - 1)];
        if (!inner.Contains('\\')) return inner.ToString();
        var plain = new StringBuilder(inner.Length);
        for (int i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && i + 1 < inner.Length) i++;
            plain.Append(inner[i]);
        }

        return plain.ToString();
    }
}
