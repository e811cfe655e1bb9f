using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker.Calls;

/// <summary>What an offer and its answer come to: the streams of both roles, and who holds whom.</summary>
internal static class AgreedMedia
{
    /// <summary>The streams of the first audio line that both sides accept; null where there is none (RFC 3264 §6).</summary>
    public static NegotiatedStream[]? Streams(Agreement agreement)
    {
        if (Audio(agreement) is not var (offer, answer))
            return null;
        var (caller, callee) = agreement.Offerer == 0 ? (offer, answer) : (answer, offer);
        // A line that offers SRTP beside plain RTP becomes what the answer makes of it.
        bool encrypted = offer.IsEncrypted && answer.IsEncrypted;
        return [Stream(0, caller, callee, encrypted), Stream(1, callee, caller, encrypted)];
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

    private static NegotiatedStream Stream(int role, MediaLine from, MediaLine to, bool encrypted) => new()
    {
        Role = role,
        Sender = from.Address,
        Receiver = to.Address,
        Formats = to.Formats,
        Encrypted = encrypted,
    };
}

/// <summary>Which roles hold the other.</summary>
internal readonly record struct Holds(bool Caller, bool Callee)
{
    public bool By(int role) => role == 0 ? Caller : Callee;

    public Holds With(int role, bool holds) => role == 0 ? this with { Caller = holds } : this with { Callee = holds };
}
