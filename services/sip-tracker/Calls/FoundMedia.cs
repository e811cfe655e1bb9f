using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>Calls known by their media alone: how one begins, and which call an address belongs to.</summary>
internal static class FoundMedia
{
    private const int ClockRate = 8000;

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
    /// Whether either address is one that the call negotiated, or offered and may still get an answer for. Ended calls count as long as they are
    /// remembered: a phone that has missed the BYE goes on talking.
    /// </summary>
    public static bool IsOf(CallState call, MediaFound found) => Addresses(call).Any(address => address == found.Source || address == found.Destination);

    /// <summary>Whether what was negotiated has an address of a call that was found.</summary>
    public static bool IsOf(CallState call, MediaNegotiated negotiated) =>
        call.CallId != negotiated.CallId && Addresses(negotiated.Streams).Any(Addresses(call.Announced).Contains);

    private static IEnumerable<string> Addresses(CallState call) =>
        Addresses(call.Announced)
            .Concat(call.Dialogs.SelectMany(dialog => Addresses(dialog.Streams)))
            .Concat(call.Exchanges.SelectMany(Offered).Select(line => line.Address).OfType<string>());

    private static IEnumerable<string> Addresses(IEnumerable<NegotiatedStream> streams) =>
        streams.SelectMany(stream => new[] { stream.Sender, stream.Receiver }).OfType<string>();

    private static IEnumerable<MediaLine> Offered(Exchange exchange) =>
        (exchange.Offer ?? []).Concat(exchange.CounterOffers.SelectMany(counter => counter.Offer));

    // The other static type needs no mention: capture knows what it means.
    private static NegotiatedStream Stream(int role, string sender, string receiver, MediaFound found) => new()
    {
        Role = role,
        Sender = sender,
        Receiver = receiver,
        Formats = [new PayloadFormat { PayloadType = found.PayloadType, Encoding = found.PayloadType == 0 ? "PCMU" : "PCMA", ClockRate = ClockRate }],
    };
}
