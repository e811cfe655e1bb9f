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
    private readonly Queue<Entry> _entries = [];
    private int _head;

    /// <summary>Takes a packet's payload.</summary>
    public delegate void Claimant(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs);

    public int Count => _entries.Count;

    /// <summary>Keeps a copy of a packet.</summary>
    public void Add(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        Expire(timeNs);
        if (payload.Length > _bytes.Length)
        {
            counters.Drop(DropReason.UnclaimedFull);
            return;
        }

        if (_head + payload.Length > _bytes.Length)
            Wrap();
        MakeRoom(payload.Length);
        payload.CopyTo(_bytes.AsSpan(_head));
        _entries.Enqueue(new Entry(path, timeNs, _head, payload.Length));
        _head += payload.Length;
    }

    /// <summary>Hands over, oldest first, what goes to or comes from one of these addresses and is not too old at <paramref name="nowNs"/>.</summary>
    public void Claim(HashSet<TransportAddress> addresses, long nowNs, Claimant claimant)
    {
        Expire(nowNs);
        for (int left = _entries.Count; left > 0; left--)
        {
            var entry = _entries.Dequeue();
            if (addresses.Contains(entry.Path.Source) || addresses.Contains(entry.Path.Destination))
                claimant(entry.Path, _bytes.AsSpan(entry.Offset, entry.Length), entry.TimeNs);
            else
                _entries.Enqueue(entry);
        }
    }

    /// <summary>The oldest packet between two addresses, in either direction: its path and time.</summary>
    public (MediaPath Path, long TimeNs)? OldestBetween(in MediaPath ends)
    {
        var back = ends.Reverse;
        foreach (var entry in _entries)
            if (entry.Path == ends || entry.Path == back)
                return (entry.Path, entry.TimeNs);
        return null;
    }

    /// <summary>At <paramref name="nowNs"/> nobody will claim what is too old.</summary>
    public void Expire(long nowNs)
    {
        while (_entries.TryPeek(out var oldest) && oldest.TimeNs < nowNs - keepNs)
            Drop(DropReason.NoCall);
    }

    /// <summary>The capture is over.</summary>
    public void DropAll()
    {
        while (_entries.Count > 0)
            Drop(DropReason.NoCall);
    }

    // What lies behind the head is left from the lap before, and the oldest there is.
    private void Wrap()
    {
        while (_entries.TryPeek(out var oldest) && oldest.Offset >= _head)
            Drop(DropReason.UnclaimedFull);
        _head = 0;
    }

    private void MakeRoom(int length)
    {
        while (_entries.TryPeek(out var oldest) && oldest.Offset >= _head && oldest.Offset < _head + length)
            Drop(DropReason.UnclaimedFull);
    }

    private void Drop(DropReason reason)
    {
        _entries.Dequeue();
        counters.Drop(reason);
    }

    private readonly record struct Entry(MediaPath Path, long TimeNs, int Offset, int Length);
}
