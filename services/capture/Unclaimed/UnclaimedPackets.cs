using CallMirror.Capture.Calls;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Unclaimed;

/// <summary>
/// RTP that belongs to no known call yet: SDP takes a round trip through sip-tracker. A ring, bounded in bytes and in packets' time; what falls
/// out of it unclaimed is counted. A claim costs what it finds and the paths that wait, not the packets: while sip-tracker is behind, every call that is
/// claimed at last would pay for those that still wait.
/// </summary>
internal sealed class UnclaimedPackets(int capacity, long keepNs, CaptureCounters counters)
{
    private readonly byte[] _bytes = new byte[capacity];
    private readonly Queue<Waiting> _inOrder = [];
    private readonly Dictionary<MediaPath, Chain> _ofPath = [];
    private readonly Stack<Waiting> _unused = [];
    private readonly List<Waiting> _claimed = [];
    private int _head;
    private long _added;

    /// <summary>Takes a packet's payload.</summary>
    public delegate void Claimant(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs);

    /// <summary>Packets that wait.</summary>
    public int Count { get; private set; }

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
        Append(path, timeNs, payload.Length);
        _head += payload.Length;
    }

    /// <summary>Hands over, oldest first, what goes to or comes from one of these addresses and is not too old at <paramref name="nowNs"/>.</summary>
    public void Claim(HashSet<TransportAddress> addresses, long nowNs, Claimant claimant)
    {
        Expire(nowNs);
        foreach (var (path, chain) in _ofPath)
        {
            if (!addresses.Contains(path.Source) && !addresses.Contains(path.Destination))
                continue;
            for (var packet = chain.First; packet is not null; packet = packet.Next)
                _claimed.Add(packet);
            // Of a dictionary that is gone through, entries may be removed; none may be added.
            _ofPath.Remove(path);
        }

        _claimed.Sort(static (one, other) => one.Number.CompareTo(other.Number));
        foreach (var packet in _claimed)
        {
            claimant(packet.Path, _bytes.AsSpan(packet.Offset, packet.Length), packet.TimeNs);
            packet.IsClaimed = true;
        }

        Count -= _claimed.Count;
        _claimed.Clear();
    }

    /// <summary>The oldest packet between two addresses, in either direction: its path and time.</summary>
    public (MediaPath Path, long TimeNs)? OldestBetween(in MediaPath ends)
    {
        var there = _ofPath.GetValueOrDefault(ends).First;
        var back = _ofPath.GetValueOrDefault(ends.Reverse).First;
        var oldest = there is null || back?.Number < there.Number ? back : there;
        return oldest is null ? null : (oldest.Path, oldest.TimeNs);
    }

    /// <summary>At <paramref name="nowNs"/> nobody will claim what is too old.</summary>
    public void Expire(long nowNs)
    {
        while (_inOrder.TryPeek(out var oldest) && (oldest.IsClaimed || oldest.TimeNs < nowNs - keepNs))
            Drop(DropReason.NoCall);
    }

    /// <summary>The capture is over.</summary>
    public void DropAll()
    {
        while (_inOrder.Count > 0)
            Drop(DropReason.NoCall);
    }

    // What lies behind the head is left from the lap before, and the oldest there is.
    private void Wrap()
    {
        while (_inOrder.TryPeek(out var oldest) && oldest.Offset >= _head)
            Drop(DropReason.UnclaimedFull);
        _head = 0;
    }

    private void MakeRoom(int length)
    {
        while (_inOrder.TryPeek(out var oldest) && oldest.Offset >= _head && oldest.Offset < _head + length)
            Drop(DropReason.UnclaimedFull);
    }

    private void Append(in MediaPath path, long timeNs, int length)
    {
        if (!_unused.TryPop(out var packet))
            packet = new Waiting();
        packet.Begin(++_added, path, timeNs, _head, length);
        _inOrder.Enqueue(packet);
        _ofPath.TryGetValue(path, out var chain);
        if (chain.Last is not null)
            chain.Last.Next = packet;
        _ofPath[path] = new Chain(chain.First ?? packet, packet);
        Count++;
    }

    // The oldest of all is the oldest of its path as well.
    private void Drop(DropReason reason)
    {
        var packet = _inOrder.Dequeue();
        if (!packet.IsClaimed)
        {
            if (packet.Next is null)
                _ofPath.Remove(packet.Path);
            else
                _ofPath[packet.Path] = _ofPath[packet.Path] with { First = packet.Next };
            counters.Drop(reason);
            Count--;
        }

        packet.Next = null;
        _unused.Push(packet);
    }

    private readonly record struct Chain(Waiting? First, Waiting? Last);

    /// <summary>One that waits, or that was claimed and still holds its place in the ring. It is used again.</summary>
    private sealed class Waiting
    {
        public long Number { get; private set; }

        public MediaPath Path { get; private set; }

        public long TimeNs { get; private set; }

        public int Offset { get; private set; }

        public int Length { get; private set; }

        /// <summary>The next of its path.</summary>
        public Waiting? Next { get; set; }

        public bool IsClaimed { get; set; }

        public void Begin(long number, in MediaPath path, long timeNs, int offset, int length) =>
            (Number, Path, TimeNs, Offset, Length, IsClaimed) = (number, path, timeNs, offset, length, false);
    }
}
