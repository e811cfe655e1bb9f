using System.Buffers.Text;

namespace CallMirror.Protocols.Packets;

/// <summary>What stands at the beginning of a byte stream.</summary>
internal enum SipFrame
{
    NeedMore,
    Message,

    /// <summary>No SIP, or a message longer than allowed: search the next start line.</summary>
    NotSip,
}

/// <summary>Finds where SIP messages begin and end in a stream, by header end and Content-Length (RFC 3261 §18.3). Holds no state and copies nothing.</summary>
internal static class SipFramer
{
    private const int MaxStartLineLength = 8192;

    /// <summary>Looks at the front of <paramref name="stream"/>: <paramref name="skip"/> bytes of keep-alive (RFC 5626 §3.5.1), then a message of <paramref name="length"/> bytes.</summary>
    public static SipFrame Find(ReadOnlySpan<byte> stream, int maxLength, out int skip, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> message = stream.TrimStart("\r\n"u8);
        skip = stream.Length - message.Length;
        if (!SipRecognizer.LooksLikeSip(message))
            return MayBecomeStartLine(message) ? SipFrame.NeedMore : SipFrame.NotSip;
        int headers = message.IndexOf("\r\n\r\n"u8) + 4;
        if (headers < 4)
            return message.Length < maxLength ? SipFrame.NeedMore : SipFrame.NotSip;
        if (!TryReadContentLength(message[..headers], out int body) || body > maxLength - headers)
            return SipFrame.NotSip;
        length = headers + body;
        return length <= message.Length ? SipFrame.Message : SipFrame.NeedMore;
    }

    /// <summary>Where the first line that begins a message stands; if there is none, where the last, unfinished line begins, which may yet become one.</summary>
    public static int FindStart(ReadOnlySpan<byte> stream)
    {
        int at = 0;
        while (!SipRecognizer.LooksLikeSip(stream[at..]))
        {
            int line = stream[at..].IndexOf((byte)'\n') + 1;
            if (line == 0)
                return MayBecomeStartLine(stream[at..]) ? at : stream.Length;
            at += line;
        }

        return at;
    }

    private static bool MayBecomeStartLine(ReadOnlySpan<byte> text) =>
        text.Length < MaxStartLineLength
        && !text.Contains((byte)'\n')
        && (text.IsEmpty || text[0] is > (byte)' ' and <= (byte)'~');

    /// <summary>Reads Content-Length or its compact form <c>l</c>; a message without one has no body.</summary>
    private static bool TryReadContentLength(ReadOnlySpan<byte> headers, out int value)
    {
        value = 0;
        for (int line = headers.IndexOf((byte)'\n') + 1; line > 0 && line < headers.Length;)
        {
            ReadOnlySpan<byte> rest = headers[line..];
            int colon = rest.IndexOfAny((byte)':', (byte)'\n');
            if (colon > 0 && rest[colon] == ':' && IsContentLength(rest[..colon]))
                return TryReadNumber(rest[(colon + 1)..], out value);
            line += rest.IndexOf((byte)'\n') + 1;
        }

        return true;
    }

    private static bool IsContentLength(ReadOnlySpan<byte> name)
    {
        name = name.TrimEnd(" \t"u8);
        return System.Text.Ascii.EqualsIgnoreCase(name, "content-length"u8) || System.Text.Ascii.EqualsIgnoreCase(name, "l"u8);
    }

    /// <summary>The value may stand on a folded line (RFC 3261 §7.3.1).</summary>
    private static bool TryReadNumber(ReadOnlySpan<byte> text, out int value)
    {
        text = text.TrimStart(" \t\r\n"u8);
        return Utf8Parser.TryParse(text, out value, out int used) && value >= 0 && text[used] <= (byte)' ';
    }
}
