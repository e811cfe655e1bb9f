using System.Text;

namespace CallMirror.Protocols.Sip;

/// <summary>The parts of a header's value: comma-separated values, ;-separated parameters, quoted strings (RFC 3261 §7.3.1, 25.1).</summary>
internal static class SipParameters
{
    /// <summary>The values of a comma-separated list, trimmed, empty ones left out.</summary>
    internal static List<string> SplitList(string value)
    {
        var items = new List<string>();
        var splitter = new SipSplitter(value, ',');
        while (splitter.MoveNext())
        {
            if (!splitter.Current.IsWhiteSpace()) items.Add(splitter.Current.Trim().ToString());
        }

        return items;
    }

    /// <summary>A parameter's value in a text such as <c>text/plain;a=b ; c = "d"</c>, its quotes undone; null when it is not there or empty.</summary>
    internal static string? Find(ReadOnlySpan<char> text, string name)
    {
        var splitter = new SipSplitter(text, ';');
        splitter.MoveNext();
        while (splitter.MoveNext())
        {
            int equals = splitter.Current.IndexOf('=');
            if (equals < 0 || !splitter.Current[..equals].Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            string value = Unquote(splitter.Current[(equals + 1)..].Trim());
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
