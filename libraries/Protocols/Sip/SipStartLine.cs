using System.Text;

namespace CallMirror.Protocols.Sip;

/// <summary>A request line or a status line (RFC 3261 §7.1, 7.2), as slices of the message.</summary>
internal readonly ref struct SipStartLine
{
    private const int StatusCodeDigits = 3;

    internal ReadOnlySpan<byte> Method { get; private init; }

    internal ReadOnlySpan<byte> Uri { get; private init; }

    /// <summary>0 for a request.</summary>
    internal int StatusCode { get; private init; }

    internal ReadOnlySpan<byte> Reason { get; private init; }

    /// <summary>Reads the first line, without its line end. A URI with spaces in it is one that endpoints take, so it is taken here.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> line, out SipStartLine value, out SipError error)
    {
        line = line.Trim(SipText.Whitespace);
        return SipText.StartsWithIgnoreCase(line, "SIP/"u8)
            ? TryParseStatus(line, out value, out error)
            : TryParseRequest(line, out value, out error);
    }

    //  SIP/2.0 SP 3DIGIT SP reason
    private static bool TryParseStatus(ReadOnlySpan<byte> line, out SipStartLine value, out SipError error)
    {
        value = default;
        ReadOnlySpan<byte> version = SipText.TakeWord(ref line);
        if (!IsVersion2(version)) return Fail(SipError.UnsupportedVersion, out error);

        ReadOnlySpan<byte> code = SipText.TakeWord(ref line);
        if (code.Length != StatusCodeDigits || !SipText.TryParseNumber(code, out uint status) || status is < 100 or > 699)
            return Fail(SipError.BadStatusCode, out error);

        value = new SipStartLine { StatusCode = (int)status, Reason = line };
        return Succeed(out error);
    }

    //  method SP request-URI SP SIP/2.0
    private static bool TryParseRequest(ReadOnlySpan<byte> line, out SipStartLine value, out SipError error)
    {
        value = default;
        int space = line.LastIndexOfAny(SipText.Whitespace);
        if (space < 0 || !SipText.StartsWithIgnoreCase(line[(space + 1)..], "SIP/"u8)) return Fail(SipError.NoStartLine, out error);
        if (!IsVersion2(line[(space + 1)..])) return Fail(SipError.UnsupportedVersion, out error);

        ReadOnlySpan<byte> uri = line[..space].TrimEnd(SipText.Whitespace);
        ReadOnlySpan<byte> method = SipText.TakeWord(ref uri);
        if (uri.IsEmpty || !SipText.IsToken(method)) return Fail(SipError.BadStartLine, out error);

        value = new SipStartLine { Method = method, Uri = uri };
        return Succeed(out error);
    }

    private static bool IsVersion2(ReadOnlySpan<byte> version) => Ascii.EqualsIgnoreCase(version, "SIP/2.0"u8);

    private static bool Succeed(out SipError error)
    {
        error = SipError.None;
        return true;
    }

    private static bool Fail(SipError reason, out SipError error)
    {
        error = reason;
        return false;
    }
}
