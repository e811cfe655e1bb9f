namespace CallMirror.Protocols.Sip;

/// <summary>The header lines of one message (or of one body part): where each name and value stands, nothing decoded until asked for.</summary>
internal sealed class SipHeaders
{
    private readonly ReadOnlyMemory<byte> _data;
    private readonly List<Field> _fields = new(capacity: 16);

    private SipHeaders(ReadOnlyMemory<byte> data) => _data = data;

    /// <summary>Reads header lines up to the empty line, or to the end where there is none. <paramref name="bodyStart"/> is an offset in <paramref name="data"/>.</summary>
    internal static bool TryParse(ReadOnlyMemory<byte> data, int start, out SipHeaders headers, out int bodyStart, out SipError error)
    {
        headers = new SipHeaders(data);
        bodyStart = start;
        error = SipError.None;
        while (bodyStart < data.Length)
        {
            int lineStart = bodyStart;
            int lineEnd = FindLineEnd(data.Span, lineStart, out bodyStart);
            if (lineEnd == lineStart) return true;
            if (bodyStart - start > SipMessage.MaxHeaderBytes) error = SipError.HeaderTooLong;
            else if (headers._fields.Count == SipMessage.MaxHeaders) error = SipError.TooManyHeaders;
            if (error != SipError.None) return false;
            headers.Add(lineStart, lineEnd);
        }

        return true;
    }

    /// <summary>The first line of this name, unfolded, not split; null when there is none.</summary>
    internal string? Line(SipHeaderName name)
    {
        foreach (Field field in _fields)
        {
            if (name.Matches(Name(field))) return SipText.Unfold(Value(field));
        }

        return null;
    }

    /// <summary>All values of this name in the message's order, those that share a line apart where the header is a list.</summary>
    internal IEnumerable<string> Values(SipHeaderName name)
    {
        foreach (Field field in _fields)
        {
            if (!name.Matches(Name(field))) continue;
            string line = SipText.Unfold(Value(field));
            foreach (string value in name.IsList ? SipParameters.SplitList(line) : [line]) yield return value;
        }
    }

    // A line without a colon tells nothing, and no endpoint drops a message for it: it is passed over.
    private void Add(int start, int end)
    {
        int colon = _data.Span[start..end].IndexOf((byte)':');
        if (colon > 0) _fields.Add(new Field(start, start + colon, end));
    }

    /// <summary>The end of the line that starts here, its folds included (RFC 3261 §7.3.1), and where the next line starts.</summary>
    private static int FindLineEnd(ReadOnlySpan<byte> data, int start, out int next)
    {
        next = start;
        int end;
        do
        {
            int newline = data[next..].IndexOf((byte)'\n');
            end = newline < 0 ? data.Length : next + newline;
            next = newline < 0 ? data.Length : end + 1;
            if (end > start && data[end - 1] == '\r') end--;
        }
        while (end > start && next < data.Length && data[next] is (byte)' ' or (byte)'\t');
        return end;
    }

    private ReadOnlySpan<byte> Name(Field field) => _data.Span[field.Start..field.Colon].Trim(SipText.LinearWhitespace);

    private ReadOnlySpan<byte> Value(Field field) => _data.Span[(field.Colon + 1)..field.End];

    private readonly record struct Field(int Start, int Colon, int End);
}
