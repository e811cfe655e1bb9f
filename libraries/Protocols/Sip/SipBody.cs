using System.Text;

namespace CallMirror.Protocols.Sip;

/// <summary>Finds the session description in a message body (RFC 5621, RFC 2046 §5.1).</summary>
internal static class SipBody
{
    // Nobody nests deeper; a limit keeps hostile bodies cheap.
    private const int MaxDepth = 4;

    internal static bool TryFindSdp(SipHeaders headers, ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> sdp) =>
        TryFind(headers, body, MaxDepth, out sdp);

    private static bool TryFind(SipHeaders headers, ReadOnlyMemory<byte> body, int depth, out ReadOnlyMemory<byte> sdp)
    {
        sdp = default;
        if (body.IsEmpty || IsEncoded(headers)) return false;
        string type = headers.Line(SipHeaderName.ContentType) ?? "";
        string mediaType = type.Split(';')[0].Trim();
        if (mediaType.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
            return SipParameters.Find(type, "boundary") is { } boundary && TryFindInParts(body, boundary, depth, out sdp);
        if (!mediaType.Equals("application/sdp", StringComparison.OrdinalIgnoreCase) && !(mediaType.Length == 0 && LooksLikeSdp(body.Span)))
            return false;

        sdp = body;
        return true;
    }

    private static bool TryFindInParts(ReadOnlyMemory<byte> body, string boundary, int depth, out ReadOnlyMemory<byte> sdp)
    {
        sdp = default;
        if (depth == 0) return false;
        byte[] delimiter = Encoding.UTF8.GetBytes("--" + boundary);
        int start = FindDelimiter(body.Span, 0, delimiter, out _);
        while (start < body.Length)
        {
            int next = FindDelimiter(body.Span, start, delimiter, out int end);
            if (SipHeaders.TryParse(body[..end], start, out SipHeaders headers, out int partStart, out _)
                && TryFind(headers, body[partStart..end], depth - 1, out sdp)) return true;
            start = next;
        }

        return false;
    }

    /// <summary>The next delimiter line from here: where the part before it ends, and where the line after it starts (the body's end where there is none, or it closes).</summary>
    private static int FindDelimiter(ReadOnlySpan<byte> body, int from, ReadOnlySpan<byte> delimiter, out int partEnd)
    {
        int at = from;
        while (at < body.Length)
        {
            ReadOnlySpan<byte> rest = body[at..];
            ReadOnlySpan<byte> line = SipText.TakeLine(ref rest);
            if (line.StartsWith(delimiter) && IsDelimiterTail(line[delimiter.Length..]))
            {
                partEnd = Math.Max(from, WithoutLineEnd(body, at));
                return line[delimiter.Length..].StartsWith("--"u8) ? body.Length : body.Length - rest.Length;
            }

            at = body.Length - rest.Length;
        }

        partEnd = body.Length;
        return body.Length;
    }

    private static bool IsDelimiterTail(ReadOnlySpan<byte> tail)
    {
        tail = tail.TrimEnd(SipText.Whitespace);
        return tail.IsEmpty || tail.SequenceEqual("--"u8);
    }

    // The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).
    private static int WithoutLineEnd(ReadOnlySpan<byte> body, int at)
    {
        if (at > 0 && body[at - 1] == '\n') at--;
        return at > 0 && body[at - 1] == '\r' ? at - 1 : at;
    }

    private static bool LooksLikeSdp(ReadOnlySpan<byte> body) => body.TrimStart(SipText.LinearWhitespace).StartsWith("v=0"u8);

    private static bool IsEncoded(SipHeaders headers) =>
        headers.Line(SipHeaderName.ContentEncoding) is { Length: > 0 } encoding && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);
}
