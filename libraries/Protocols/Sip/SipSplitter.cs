namespace CallMirror.Protocols.Sip;

/// <summary>Walks the parts of a text between separators that stand outside quoted strings and angle brackets, in one pass.</summary>
internal ref struct SipSplitter(ReadOnlySpan<char> text, char separator)
{
    private readonly ReadOnlySpan<char> _text = text;
    private int _next;

    // Once a quote is never closed, no later one is, and all are ordinary letters. Looking again at each would make hostile texts dear.
    private bool _quotesClose = true;

    internal ReadOnlySpan<char> Current { get; private set; }

    internal bool MoveNext()
    {
        if (_next > _text.Length) return false;
        int end = FindEnd();
        Current = _text[_next..end];
        _next = end + 1;
        return true;
    }

    private int FindEnd()
    {
        bool inBrackets = false;
        for (int i = _next; i < _text.Length; i++)
        {
            if (_text[i] == separator && !inBrackets) return i;
            if (_text[i] == '"' && !inBrackets) i += QuotedTail(i);
            else if (_text[i] == '<') inBrackets = true;
            else if (_text[i] == '>') inBrackets = false;
        }

        return _text.Length;
    }

    /// <summary>How much follows the quote that opens here, up to the one that closes it.</summary>
    private int QuotedTail(int at)
    {
        int length = _quotesClose ? SipText.QuotedLength(_text[at..]) : 0;
        _quotesClose = length > 0;
        return Math.Max(0, length - 1);
    }
}
