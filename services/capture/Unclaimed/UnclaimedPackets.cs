using CallMirror.Capture.Calls;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Unclaimed;

/// <summary>
/// RTP that belongs to no known call yet: SDP takes a round trip through sip-tracker. A ring, bounded in bytes and in packets' time; what falls
/// out of it unclaimed is counted.
/// </summary>
internal sealed class UnclaimedPackets(int capacity, long keepNs, CaptureCounters counters)
{
    private readonly byte[] _bytes = new byte[capacity];
    private readonly LinkedList<Entry> _entries = [];
    private int _head;

    /// <summary>Takes a packet's payload.</summary>
    public delegate void Claimant(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs);

    public int Count => _entries.Count;

    /// <summary>Keeps a copy of a packet.</summary>
    public void Add(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        DropOlderThan(timeNs - keepNs);
        if (payload.Length > _bytes.Length / 2)
        {
            counters.Drop(DropReason.UnclaimedFull);
            return;
        }

        if (_head + payload.Length > _bytes.Length)
            _head = 0;
        MakeRoom(_head, payload.Length);
        payload.CopyTo(_bytes.AsSpan(_head));
        _entries.AddLast(new Entry(path, timeNs, _head, payload.Length));
        _head += payload.Length;
    }

    /// <summary>Hands over, oldest first, what goes to or comes from one of these addresses.</summary>
    public void Claim(HashSet<TransportAddress> addresses, Claimant claimant)
    {
        for (var node = _entries.First; node is not null;)
        {
            var next = node.Next;
            var entry = node.Value;
            if (addresses.Contains(entry.Path.Source) || addresses.Contains(entry.Path.Destination))
            {
                _entries.Remove(node);
                claimant(entry.Path, _bytes.AsSpan(entry.Offset, entry.Length), entry.TimeNs);
            }

            node = next;
        }
    }

    /// <summary>Nobody will claim what is older.</summary>
    public void DropOlderThan(long timeNs)
    {
        while (_entries.First is { } oldest && oldest.Value.TimeNs < timeNs)
            Drop(DropReason.NoCall);
    }

    /// <summary>The capture is over.</summary>
    public void DropAll() => DropOlderThan(long.MaxValue);

    // Entries lie in the ring in the order of their age, so whatever is in the way is the oldest.
    private void MakeRoom(int offset, int length)
    {
        while (_entries.First is { } oldest && oldest.Value.Offset < offset + length && offset < oldest.Value.Offset + oldest.Value.Length)
            Drop(DropReason.UnclaimedFull);
    }

    private void Drop(DropReason reason)
    {
        _entries.RemoveFirst();
        counters.Drop(reason);
    }

    private readonly record struct Entry(MediaPath Path, long TimeNs, int Offset, int Length);
}
