using System.Globalization;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>Reads out of a message whose request it is, and the few header fields that the dialog rules need.</summary>
internal static class CallRoles
{
    private const int MaxCorrelationId = 128;

    // Capture tells of media that runs every 10 s.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    /// <summary>The role that sent the request, or the request that a response answers. False where the message belongs to another dialog of that Call-ID.</summary>
    public static bool TryFind(CallState call, SipMessage sip, out int role)
    {
        bool byCaller = sip.From.Tag == call.CallerTag;
        role = byCaller ? 0 : 1;
        return byCaller || sip.To.Tag == call.CallerTag;
    }

    /// <summary>An INVITE outside a dialog that begins another call: the last is over, or must be (RFC 3261 §8.1.1.4, §12.2).</summary>
    public static bool IsNewCall(CallState call, CallMessage message) =>
        message.IsFirstInvite && (call.IsEnded ? IsNewAfterEnd(call, message.Sip) : call.IsAnswered && IsNewWhileUp(call, message));

    /// <summary>The branch that the sender of the request was asked on: the second Via's (RFC 3261 §16.6 step 8).</summary>
    public static string? ParentBranch(SipMessage sip)
    {
        string via = sip.Headers("Via").ElementAtOrDefault(1) ?? "";
        int at = via.IndexOf("branch=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        var rest = via.AsSpan(at + "branch=".Length);
        int end = rest.IndexOfAny(";, \t");
        return (end < 0 ? rest : rest[..end]).ToString();
    }

    /// <summary>The two addresses that a message ran between, whichever way.</summary>
    public static string Hop(SipMessageCaptured message) => string.CompareOrdinal(message.Source, message.Destination) <= 0
        ? $"{message.Source}|{message.Destination}"
        : $"{message.Destination}|{message.Source}";

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

    /// <summary>The request answers a challenge (RFC 3261 §22).</summary>
    public static bool HasCredentials(SipMessage sip) => (sip.Header("Authorization") ?? sip.Header("Proxy-Authorization")) is not null;

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

    // No retransmission: another From tag, another try, or another target of a proxy after one that has failed (RFC 3261 §16.7 step 5).
    private static bool IsNewAfterEnd(CallState ended, SipMessage invite)
    {
        if (invite.From.Tag != ended.CallerTag)
            return ended.DialogOf(invite.From.Tag) is null && !ended.FormerTags.Contains(invite.From.Tag);
        if (invite.CSeq > ended.HighestCSeq[0])
            return true;
        bool isOtherBranch = invite.TopViaBranch is { } branch && !Array.Exists(ended.Branches, known => known.Id == branch);
        bool hasFailed = ended.Ended?.Reason is EndReason.Failed or EndReason.Cancelled;
        return hasFailed && isOtherBranch && invite.CSeq == ended.InviteCSeq && !CallBranches.IsBelowDead(ended, invite);
    }

    // Its caller has moved on, so its BYE was not seen; of another From tag that is certain only once its media has stopped.
    private static bool IsNewWhileUp(CallState call, CallMessage message) => message.Sip.From.Tag == call.CallerTag
        ? call.AnsweredTag is not null && message.Sip.CSeq > call.HighestCSeq[0]
        : !call.FormerTags.Contains(message.Sip.From.Tag) && IsSilent(call, message.At);

    private static bool IsSilent(CallState call, DateTimeOffset at) =>
        call.LastMedia is { } media && at - media > Silence && at - call.LastSeen > Silence;
}
