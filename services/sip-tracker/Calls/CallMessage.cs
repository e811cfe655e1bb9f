using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Sdp;
using CallMirror.Protocols.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>A SIP message with what the tap knows of it.</summary>
/// <param name="Sip">The message.</param>
/// <param name="Captured">When and where it was seen.</param>
/// <param name="Media">The m= lines of its session description; null without one.</param>
internal sealed record CallMessage(SipMessage Sip, SipMessageCaptured Captured, MediaLine[]? Media)
{
    public DateTimeOffset At => Captured.CapturedAt;

    public bool IsInvite => Sip.IsRequest && Sip.Method == "INVITE";

    /// <summary>An INVITE outside a dialog: it begins a call, or tries again (RFC 3261 §12.2, §8.1.1.2).</summary>
    public bool IsFirstInvite => IsInvite && Sip.To.Tag is null;

    /// <summary>Reads the session description of those messages that may carry an offer or an answer.</summary>
    public static CallMessage Of(SipMessage sip, SipMessageCaptured captured, DropCounts drops) => new(sip, captured, ReadMedia(sip, drops));

    /// <summary>A message of a kind that calls consist of, but for BYE.</summary>
    public static bool SetsUpMedia(SipMessage sip) => sip.CSeqMethod is "INVITE" or "ACK" or "PRACK" or "UPDATE" or "CANCEL";

    private static MediaLine[]? ReadMedia(SipMessage sip, DropCounts drops)
    {
        if (!SetsUpMedia(sip) || sip.StatusCode >= 300 || !sip.TryGetSdp(out var bytes))
            return null;
        if (SessionDescription.TryParse(bytes.Span, out var sdp, out var error))
            return MediaLine.Of(sdp);
        drops.Count(DropReasons.Sdp(error));
        return null;
    }
}
