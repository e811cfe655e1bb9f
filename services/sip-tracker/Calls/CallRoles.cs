using System.Globalization;
using CallMirror.Protocols.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>Reads out of a message whose request it is, and the few header fields that the dialog rules need.</summary>
internal static class CallRoles
{
    private const int MaxCorrelationId = 128;

    /// <summary>The role that sent the request, or the request that a response answers. False where the message belongs to another dialog of that Call-ID.</summary>
    public static bool TryFind(CallState call, SipMessage sip, out int role)
    {
        bool byCaller = sip.From.Tag == call.CallerTag;
        role = byCaller ? 0 : 1;
        return byCaller || sip.To.Tag == call.CallerTag;
    }

    /// <summary>An INVITE that makes a new call of the Call-ID of one that is over: a new From tag or a new try, and no retransmission.</summary>
    public static bool IsNewCall(CallState ended, CallMessage message)
    {
        if (!message.IsFirstInvite)
            return false;
        string? tag = message.Sip.From.Tag;
        return tag == ended.CallerTag ? message.Sip.CSeq > ended.HighestCSeq[0] : ended.DialogOf(tag) is null;
    }

    /// <summary>The CSeq that a PRACK acknowledges a response of (RFC 3262 §7.2: <c>RSeq CSeq method</c>).</summary>
    public static uint? RAckCSeq(SipMessage sip)
    {
        string[] words = (sip.Header("RAck") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length == 3 && uint.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint cseq) ? cseq : null;
    }

    /// <summary>The credentials were right but their nonce too old: the next try will do (RFC 7616 §3.3).</summary>
    public static bool IsStaleNonce(SipMessage sip)
    {
        string challenge = (sip.Header("WWW-Authenticate") ?? sip.Header("Proxy-Authenticate") ?? "").Replace("\"", "", StringComparison.Ordinal);
        return challenge.Contains("stale=true", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Session-Expires in seconds (RFC 4028 §4); null where none was negotiated.</summary>
    public static int? SessionSeconds(SipMessage sip)
    {
        string seconds = (sip.Header("Session-Expires") ?? "").Split(';')[0].Trim();
        return int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 ? value : null;
    }

    /// <summary>A URI without its parameters and headers (RFC 3261 §19.1.1), those of the user part kept.</summary>
    public static string? BareUri(string? uri)
    {
        if (uri is null)
            return null;
        int end = uri.AsSpan(uri.LastIndexOf('@') + 1).IndexOfAny(';', '?');
        return end < 0 ? uri : uri[..(uri.LastIndexOf('@') + 1 + end)];
    }

    /// <summary>The first of the headers that has a value: what ties the calls of one conversation together.</summary>
    public static string? CorrelationId(SipMessage sip, IReadOnlyList<string> headers)
    {
        foreach (string header in headers)
        {
            // Session-ID is "uuid;remote=uuid", and all zeros while there is none (RFC 7989 §5).
            string value = (sip.Header(header) ?? "").Split(';')[0].Trim();
            if (value.Length is > 0 and <= MaxCorrelationId && value.AsSpan().ContainsAnyExcept('0', '-'))
                return value;
        }

        return null;
    }

}
