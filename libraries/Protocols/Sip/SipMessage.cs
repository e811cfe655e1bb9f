using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CallMirror.Protocols.Sip;

/// <summary>One SIP message as someone else sent it (RFC 3261 §7): a view of its bytes, which must not change while it lives. Headers are decoded when asked for.</summary>
public sealed class SipMessage
{
    /// <summary>How long the headers may be together, in bytes: more than a UDP datagram holds.</summary>
    public const int MaxHeaderBytes = 65_536;

    /// <summary>How many header lines a message may have.</summary>
    public const int MaxHeaders = 512;

    private readonly SipHeaders _headers;

    private SipMessage(SipStartLine start, SipHeaders headers, string callId, (uint Number, string Method) cseq)
    {
        _headers = headers;
        IsRequest = start.StatusCode == 0;
        StatusCode = start.StatusCode;
        CallId = callId;
        (CSeq, CSeqMethod) = cseq;
        Method = IsRequest ? SipMethod.Name(start.Method) : cseq.Method;
        RequestUri = IsRequest ? Encoding.UTF8.GetString(start.Uri) : null;
        ReasonPhrase = IsRequest ? null : Encoding.UTF8.GetString(start.Reason);
    }

    public bool IsRequest { get; }

    /// <summary>The request's method; for a response that of its CSeq.</summary>
    public string Method { get; }

    /// <summary>As written; null for a response.</summary>
    public string? RequestUri { get; }

    /// <summary>100 to 699; 0 for a request.</summary>
    public int StatusCode { get; }

    /// <summary>May be empty; null for a request.</summary>
    public string? ReasonPhrase { get; }

    /// <summary>Never empty; compared byte by byte (RFC 3261 §20.8).</summary>
    public string CallId { get; }

    /// <summary>The sequence number: below 2^31 by RFC 3261 §8.1.1.5, below 2^32 here.</summary>
    public uint CSeq { get; }

    /// <summary>The method that <see cref="CSeq"/> names; in a response, of the request that it answers.</summary>
    public string CSeqMethod { get; }

    /// <summary><see cref="SipAddress.Empty"/> when the header is missing.</summary>
    public SipAddress From => field ??= Address(SipHeaderName.From);

    /// <summary><see cref="SipAddress.Empty"/> when the header is missing.</summary>
    public SipAddress To => field ??= Address(SipHeaderName.To);

    /// <summary>The transaction's name (RFC 3261 §8.1.1.7).</summary>
    public string? TopViaBranch => _headers.Values(SipHeaderName.Via).FirstOrDefault() is { } via ? SipParameters.Find(via, "branch") : null;

    /// <summary>With its parameters, as written.</summary>
    public string? ContentType => _headers.Line(SipHeaderName.ContentType);

    /// <summary>Content-Length bytes, or all that follows the headers where it is missing, is no number or promises more than there is (RFC 3261 §18.3, 20.14).</summary>
    public ReadOnlyMemory<byte> Body { get; private init; }

    /// <summary>Content-Length promised more bytes than there are, as behind a capture with a short snap length.</summary>
    public bool IsBodyTruncated { get; private init; }

    /// <summary>Reads one message: a whole datagram, or what framing cut from a stream. Bytes that follow the body are ignored.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> data, [NotNullWhen(true)] out SipMessage? message, out SipError error)
    {
        message = null;
        ReadOnlySpan<byte> rest = data.Span.TrimStart("\r\n"u8);
        if (rest.IsEmpty)
        {
            error = SipError.Empty;
            return false;
        }

        if (!SipStartLine.TryParse(SipText.TakeLine(ref rest), out SipStartLine start, out error)) return false;
        if (!SipHeaders.TryParse(data, data.Length - rest.Length, out SipHeaders headers, out int bodyStart, out error)) return false;
        if (!TryParseCall(headers, out string callId, out (uint, string) cseq, out error)) return false;

        ReadOnlyMemory<byte> body = data[bodyStart..];
        uint length = ContentLength(headers) ?? (uint)body.Length;
        message = new SipMessage(start, headers, callId, cseq)
        {
            Body = body[..(int)Math.Min(length, (uint)body.Length)],
            IsBodyTruncated = length > body.Length,
        };
        return true;
    }

    /// <summary>The first value of a header, unfolded; null when there is none.</summary>
    /// <param name="name">Long or compact, in any case.</param>
    public string? Header(string name) => Headers(name).FirstOrDefault();

    /// <summary>All values of a header in their order; several in one line are told apart for the headers that RFC 3261 allows it for.</summary>
    /// <param name="name">Long or compact, in any case.</param>
    public IEnumerable<string> Headers(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _headers.Values(SipHeaderName.Of(name));
    }

    /// <summary>The session description in the body: alone, or the first of a multipart body (RFC 5621), or one that no Content-Type announces.</summary>
    public bool TryGetSdp(out ReadOnlyMemory<byte> sdp) => SipBody.TryFindSdp(_headers, Body, out sdp);

    private SipAddress Address(SipHeaderName name) => _headers.Line(name) is { } line ? SipAddress.Parse(line) : SipAddress.Empty;

    private static uint? ContentLength(SipHeaders headers) =>
        headers.Line(SipHeaderName.ContentLength) is { } line && SipText.TryParseNumber(Encoding.UTF8.GetBytes(line), out uint length) ? length : null;

    private static bool TryParseCall(SipHeaders headers, out string callId, out (uint Number, string Method) cseq, out SipError error)
    {
        callId = headers.Line(SipHeaderName.CallId) ?? "";
        cseq = default;
        string? sequence = headers.Line(SipHeaderName.CSeq);
        if (callId.Length == 0) error = SipError.MissingCallId;
        else if (sequence is null) error = SipError.MissingCSeq;
        else error = TryParseCSeq(sequence, out cseq) ? SipError.None : SipError.BadCSeq;
        return error == SipError.None;
    }

    //  1*DIGIT LWS method
    private static bool TryParseCSeq(string line, out (uint Number, string Method) cseq)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(line);
        bool hasNumber = SipText.TryParseNumber(SipText.TakeWord(ref rest), out uint number);
        cseq = (number, SipMethod.Name(rest));
        return hasNumber && SipText.IsToken(rest);
    }
}
