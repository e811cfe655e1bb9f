using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>Calls known by their media alone: how one begins, and which call an address belongs to.</summary>
internal static class FoundMedia
{
    private const int ClockRate = 8000;

    // As long as a live capture keeps what waits: later its audio would be lost rather than late.
    private static readonly TimeSpan ClaimTime = TimeSpan.FromSeconds(10);

    // Who calls does not send before its INVITE; the order of two wires may say otherwise by a moment.
    private static readonly TimeSpan EarlyBy = TimeSpan.FromSeconds(1);

    /// <summary>A call of two addresses: role 0 is who sent the first packet that was seen.</summary>
    public static CallState Begin(MediaFound found, List<object> events)
    {
        var call = new CallState
        {
            CallId = found.CallId,
            StartedAt = found.StartedAt,
            Phase = CallPhase.Found,
            PhaseSince = found.CapturedAt,
            LastSeen = found.CapturedAt,
            MediaVersion = 1,
            Announced = [Stream(0, found.Source, found.Destination, found), Stream(1, found.Destination, found.Source, found)],
        };
        events.Add(CallEvents.Started(call, found));
        events.Add(CallEvents.Negotiated(call, found.CapturedAt));
        return call;
    }

    /// <summary>
    /// Whether the media is a call's, or may yet be: capture asks again, so no is said for now alone. An ended call's is what has run since
    /// before its end: a phone that has missed the BYE goes on talking.
    /// </summary>
    /// <param name="call">A call that is known.</param>
    /// <param name="found">What capture tells.</param>
    /// <param name="pair">The two ends of that.</param>
    public static bool IsOf(CallState call, MediaFound found, in MediaPair pair) => call.Phase switch
    {
        CallPhase.Found => call.Announced.Any(stream => stream.Sender == found.Source && stream.Receiver == found.Destination),
        CallPhase.Ended => found.StartedAt < call.Ended?.At && WasAgreed(call, pair),
        _ => NamedMedia.IsBoth(call, pair) || MayBeOf(call, found, pair),
    };

    /// <summary>Whether what was found is what a call of SIP has agreed on: an offer, or one shared address, does not tell.</summary>
    public static bool IsReplacedBy(CallState found, CallState call) =>
        found.CallId != call.CallId && found.Announced is [{ Sender: { } source, Receiver: { } destination }, ..]
        && NamedMedia.IsBoth(call, MediaPair.Of(source, destination));

    /// <summary>Whether the media of a call that was found is at an address, or between the hosts, of one that is known by SIP.</summary>
    public static bool MayBe(CallState found, CallState call) =>
        found.Announced is [{ Sender: { } source, Receiver: { } destination }, ..] && MediaPair.Of(source, destination) is var pair
        && (NamedMedia.IsOne(call.Announced, pair) || NamedMedia.IsBetweenHosts(call, pair));

    /// <summary>A call of SIP under the name that its media was found by, with the roles that its streams have had since.</summary>
    public static CallState Named(CallState call, CallState found)
    {
        var first = found.Announced[0];
        bool isTurned = !NamedMedia.IsFromCaller(call, MediaPair.Of(first.Sender!, first.Receiver!));
        return call with { FoundAs = new FoundName(found.CallId, found.StartedAt, isTurned), MediaVersion = call.MediaVersion + found.MediaVersion };
    }

    // A moment after it was announced capture has not claimed it yet, and what rings may still say where its media is.
    private static bool MayBeOf(CallState call, MediaFound found, in MediaPair pair)
    {
        var unclear = call.AnnouncedAt > call.PhaseSince ? call.AnnouncedAt : call.PhaseSince;
        if (found.CapturedAt - unclear > ClaimTime || found.StartedAt < call.StartedAt - EarlyBy)
            return false;
        return NamedMedia.IsOne(call.Announced, pair)
            || (!call.IsAnswered && NamedMedia.IsBetweenHosts(call, pair));
    }

    private static bool WasAgreed(CallState call, in MediaPair pair) =>
        NamedMedia.IsOne(call.Announced.Where(stream => stream.Sender is not null && stream.Receiver is not null), pair);

    // The other static type needs no mention: capture knows what it means.
    private static NegotiatedStream Stream(int role, string sender, string receiver, MediaFound found) => new()
    {
        Role = role,
        Sender = sender,
        Receiver = receiver,
        Formats = [new PayloadFormat { PayloadType = found.PayloadType, Encoding = found.PayloadType == 0 ? "PCMU" : "PCMA", ClockRate = ClockRate }],
    };
}
