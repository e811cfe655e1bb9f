namespace CallMirror.Messaging.RabbitMq;

/// <summary>One acknowledgement for the broker: of one delivery, or of all up to it.</summary>
internal readonly record struct Ack(ulong Tag, bool Multiple);

/// <summary>
/// Makes few acknowledgements of many: one for all up to the first delivery that is not settled, single ones behind it. It holds the deliveries
/// that are not settled, which the prefetch bounds, and those settled since the last <see cref="Take"/>. Not thread-safe.
/// </summary>
internal sealed class AckGrouper
{
    private readonly SortedSet<ulong> _unsettled = [];
    private readonly List<ulong> _settled = [];

    /// <summary>Settled and not acknowledged yet.</summary>
    public int Count => _settled.Count;

    public void Delivered(ulong tag) => _unsettled.Add(tag);

    /// <summary>False where it was settled before, or never delivered.</summary>
    public bool Settle(ulong tag)
    {
        if (!_unsettled.Remove(tag))
            return false;
        _settled.Add(tag);
        return true;
    }

    /// <summary>What to send now, in order.</summary>
    public void Take(List<Ack> acks)
    {
        if (_settled.Count == 0)
            return;
        _settled.Sort();
        ulong firstUnsettled = _unsettled.Count == 0 ? ulong.MaxValue : _unsettled.Min;
        int below = _settled.BinarySearch(firstUnsettled);
        below = below < 0 ? ~below : below;
        if (below > 0)
            acks.Add(new Ack(_settled[below - 1], Multiple: below > 1));
        foreach (ulong tag in _settled.Skip(below))
            acks.Add(new Ack(tag, Multiple: false));
        _settled.Clear();
    }
}
