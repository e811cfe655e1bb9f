using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker.Calls;

/// <summary>What one hop of a dialog has agreed last.</summary>
internal sealed record Agreed
{
    /// <summary>The role whose request carried it, with its CSeq: the hops of one request are one round of the negotiation.</summary>
    public required int Role { get; init; }

    public required uint CSeq { get; init; }

    public string? Branch { get; init; }

    public string Hop { get; init; } = "";

    /// <summary>By the INVITE that set the call up.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Of role 0 and role 1; none where the audio was refused.</summary>
    public NegotiatedStream[] Streams { get; init; } = [];

    /// <summary>How many of each stream's formats its receiver has named itself: those come first.</summary>
    public int[] Own { get; init; } = [0, 0];

    public bool IsRoundOf(Agreed other) => Role == other.Role && CSeq == other.CSeq;

    public bool SharesAddress(Agreed other) => Streams.Any(stream => Array.Exists(other.Streams, before => SharesAddress(stream, before)));

    // What one role sends and where it goes are both addresses of the other stream too.
    private static bool SharesAddress(NegotiatedStream stream, NegotiatedStream before) =>
        stream.Role == before.Role && stream.Sender is { } sender && sender == before.Sender;
}

/// <summary>What an offer and its answer come to: the streams of both roles, and who holds whom.</summary>
internal static class AgreedMedia
{
    /// <summary>What the first audio line that both sides accept comes to, no streams where there is none (RFC 3264 §6).</summary>
    /// <param name="exchange">What carried offer and answer.</param>
    /// <param name="agreement">Offer and answer.</param>
    /// <param name="before">The dialog so far: who holds with <c>c=0.0.0.0</c> keeps its last address (RFC 3264 §8.4).</param>
    public static Agreed Of(Exchange exchange, Agreement agreement, CallDialog before)
    {
        var agreed = new Agreed
        {
            Role = exchange.Role,
            CSeq = exchange.CSeq,
            Branch = exchange.Branch,
            Hop = exchange.Hop,
            IsFirst = exchange.IsFirst,
        };
        if (Audio(agreement) is not var (offer, answer))
            return agreed;
        var (caller, callee) = agreement.Offerer == 0 ? (offer, answer) : (answer, offer);
        (caller, callee) = (Placed(caller, before, exchange.Hop, role: 0), Placed(callee, before, exchange.Hop, role: 1));
        // A line that offers SRTP beside plain RTP becomes what the answer makes of it.
        bool encrypted = offer.IsEncrypted && answer.IsEncrypted;
        return agreed with
        {
            Streams = [Stream(0, caller, callee, encrypted), Stream(1, callee, caller, encrypted)],
            Own = [callee.Formats.Length, caller.Formats.Length],
        };
    }

    /// <summary>Who holds after an agreement, given who did before (RFC 3264 §8.4).</summary>
    public static Holds HoldsAfter(Holds before, Agreement agreement)
    {
        if (Audio(agreement) is not var (offer, answer))
            return before;
        var after = before.With(agreement.Offerer, offer.Holds);
        // An offer that holds, or does not send, leaves the answerer no choice: its own hold stays as it was.
        if (!offer.Holds && offer.Sends || answer.Receives)
            after = after.With(1 - agreement.Offerer, answer.Holds);
        return after;
    }

    /// <summary>Nothing that a listener to packets would notice has changed.</summary>
    public static bool Same(IReadOnlyList<NegotiatedStream> left, IReadOnlyList<NegotiatedStream> right)
    {
        if (left.Count != right.Count)
            return false;
        for (int i = 0; i < left.Count; i++)
        {
            var (a, b) = (left[i], right[i]);
            if (a.Role != b.Role || a.Sender != b.Sender || a.Receiver != b.Receiver || a.Encrypted != b.Encrypted || !a.Formats.SequenceEqual(b.Formats))
                return false;
        }

        return true;
    }

    private static (MediaLine Offer, MediaLine Answer)? Audio(Agreement agreement)
    {
        foreach (var pair in agreement.Offer.Zip(agreement.Answer))
            if (pair.First.IsAudio && pair.Second.IsAudio)
                return pair;
        return null;
    }

    private static MediaLine Placed(MediaLine line, CallDialog before, string hop, int role)
    {
        if (!line.IsBlackHole)
            return line;
        var known = before.Agreed.OrderBy(agreed => agreed.Hop == hop).SelectMany(agreed => agreed.Streams);
        return line with { Address = known.LastOrDefault(stream => stream.Role == role && stream.Sender is not null)?.Sender };
    }

    // RFC 3264 §5.1 asks for the receiver's types; some send one of their own that the receiver has not named.
    private static NegotiatedStream Stream(int role, MediaLine from, MediaLine to, bool encrypted) => new()
    {
        Role = role,
        Sender = from.Address,
        Receiver = to.Address,
        Formats = [.. to.Formats, .. from.Formats.Where(own => !Array.Exists(to.Formats, format => format.PayloadType == own.PayloadType))],
        Encrypted = encrypted,
    };
}

/// <summary>Which roles hold the other.</summary>
internal readonly record struct Holds(bool Caller, bool Callee)
{
    public bool By(int role) => role == 0 ? Caller : Callee;

    public Holds With(int role, bool holds) => role == 0 ? this with { Caller = holds } : this with { Callee = holds };
}
