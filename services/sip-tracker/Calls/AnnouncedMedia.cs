using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker.Calls;

/// <summary>All addresses of a call that count now: what its dialogs have agreed, hop by hop, and what is offered.</summary>
internal static class AnnouncedMedia
{
    // An offer names alternatives as lines of their own (RTP beside SRTP); one with more is no telephone's.
    private const int MaxLines = 4;

    /// <summary>The streams of both roles, those of role 0 first.</summary>
    public static NegotiatedStream[] Of(CallState call)
    {
        var agreed = Counting(call).SelectMany(dialog => dialog.Streams).ToList();
        var offered = call.Exchanges.SelectMany(exchange => Offers(call, exchange))
            .Where(half => !agreed.Exists(stream => Names(stream, half)));
        var distinct = agreed.Concat(offered).GroupBy(stream => (stream.Role, stream.Sender, stream.Receiver)).Select(same => same.Last());
        return [.. distinct.OrderBy(stream => stream.Role)];
    }

    /// <summary>
    /// The dialogs whose media counts: all that ring; once answered the one that did (RFC 3261 §13.2.2.4). Where only its ACK was seen,
    /// what rang stays until its media is known.
    /// </summary>
    public static IEnumerable<CallDialog> Counting(CallState call)
    {
        if (!call.IsAnswered)
            return call.Dialogs;
        var winner = call.DialogOf(call.AnsweredTag);
        return winner is null or { Agreed: [] } && !call.IsAnswerSeen ? call.Dialogs : winner is null ? [] : [winner];
    }

    private static IEnumerable<NegotiatedStream> Offers(CallState call, Exchange exchange)
    {
        var request = exchange.Offer is { } offer && Stands(call, exchange) ? Halves(exchange.Role, offer) : [];
        // In a response: a delayed offer (RFC 3264 §4), or an answer whose offer was not seen.
        var open = exchange.IsSettled ? [] : exchange.CounterOffers;
        var responses = open.Where(counter => counter.Answer is null && MayCount(call, counter.Tag));
        return request.Concat(responses.SelectMany(counter => Halves(exchange.Responder, counter.Offer)));
    }

    // Who offers must be ready to receive (RFC 3264 §5.1): what comes there is the other's, what leaves it is its own.
    private static IEnumerable<NegotiatedStream> Halves(int role, MediaLine[] lines) =>
        lines.Where(line => line.IsAudio && line.Address is not null).Take(MaxLines).SelectMany(line => new[]
        {
            new NegotiatedStream { Role = role, Sender = line.Address, Formats = [], Encrypted = line.IsEncrypted },
            new NegotiatedStream { Role = 1 - role, Receiver = line.Address, Formats = line.Formats, Encrypted = line.IsEncrypted },
        });

    private static bool Stands(CallState call, Exchange exchange) =>
        exchange.IsFirst ? FirstStands(call, exchange) : LaterStands(call, exchange);

    private static bool FirstStands(CallState call, Exchange exchange)
    {
        var agreed = Counting(call).SelectMany(dialog => dialog.Agreed);
        if (exchange.IsSettled || agreed.Any(one => exchange.Agreed(one) || (!one.IsFirst && (call.IsAnswered || one.Hop == exchange.Hop))))
            return false;
        if (!call.IsAnswered)
            return true;
        bool isLost = exchange.Tags.Length > 0 && !exchange.Tags.Contains(call.AnsweredTag)
            && Array.Exists(call.Exchanges, other => other.IsFirst && other.Tags.Contains(call.AnsweredTag));
        bool isCancelled = Array.Exists(call.Branches, branch => branch.Id == exchange.Branch && branch.IsCancelled);
        return !isLost && !isCancelled;
    }

    // No offer is made while another waits for its answer (RFC 3264 §4): such a one was overtaken on the mirror.
    private static bool LaterStands(CallState call, Exchange exchange) =>
        !exchange.IsSettled && MayCount(call, exchange.Tag)
        && call.DialogOf(exchange.Tag) is var dialog && dialog?.Agreed.Any(exchange.Agreed) != true
        && (dialog is { Agreed.Length: > 0 } || !IsDelayed(call, exchange));

    private static bool IsDelayed(CallState call, Exchange exchange) =>
        Array.Exists(call.Exchanges, other => other != exchange && other.CounterOfferOf(exchange.Tag) is { Answer: null });

    private static bool MayCount(CallState call, string? tag) => !call.IsAnswered || tag == call.AnsweredTag;

    private static bool Names(NegotiatedStream stream, NegotiatedStream half) =>
        stream.Role == half.Role
        && (half.Sender is null || half.Sender == stream.Sender)
        && (half.Receiver is null || half.Receiver == stream.Receiver);
}
