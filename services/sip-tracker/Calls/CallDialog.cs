using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker.Calls;

/// <summary>One early or confirmed dialog of a call.</summary>
internal sealed record CallDialog(string? Tag)
{
    private const int MaxHops = 8;

    /// <summary>What is agreed in it, hop by hop.</summary>
    public Agreed[] Agreed { get; init; } = [];

    /// <summary>Who holds in it.</summary>
    public Holds Holds { get; init; }

    /// <summary>A 2xx was seen.</summary>
    public bool IsConfirmed { get; init; }

    public IEnumerable<NegotiatedStream> Streams => Agreed.SelectMany(agreed => agreed.Streams);

    /// <summary>
    /// With what was agreed now: in place of what its hop, or its address, had before. Where it has nothing in common with what was before,
    /// the dialog's requests go another way since, and all of that is over.
    /// </summary>
    public CallDialog With(Agreed next)
    {
        if (next.Streams.Length == 0 && Agreed.Length > 0)
            return this;
        int known = Array.FindIndex(Agreed, other => other.IsRoundOf(next) && other.Branch == next.Branch);
        if (known >= 0)
            return this with { Agreed = [.. Agreed[..known], next, .. Agreed[(known + 1)..]] };
        var sameRound = Agreed.Where(other => other.IsRoundOf(next)).ToList();
        var before = Agreed.Where(other => !other.IsRoundOf(next)).ToList();
        var left = before.Where(other => other.Hop != next.Hop && !next.SharesAddress(other)).ToList();
        if (left.Count == before.Count && sameRound.Count == 0)
            left.Clear();
        return this with { Agreed = [.. left.Concat(sameRound).TakeLast(MaxHops - 1), next] };
    }

    /// <summary>Whether what comes now was overtaken: a later request has been agreed in it.</summary>
    public bool IsPast(Exchange exchange) => Array.Exists(
        Agreed, agreed => !agreed.IsFirst && (exchange.IsFirst || (agreed.Role == exchange.Role && agreed.CSeq > exchange.CSeq)));
}
