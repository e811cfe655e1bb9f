using CallMirror.Capture.Calls;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Unclaimed;

/// <summary>
/// RTP that belongs to no known call yet, in a ring that is bounded in bytes, and in packets, as each has an entry beside it.
/// An undecided packet waits for what sip-tracker says of the SIP before it; nobody has
/// asked yet whose it is. A decided one is nobody's so far: a later announcement may claim it, within a span of packets' time. What falls out of the ring is
/// counted. A claim costs what it finds and the paths that wait, not the packets.
/// </summary>
/// <param name="capacity">Bytes of the ring.</param>
/// <param name="maxPackets">Packets in it.</param>
/// <param name="keepNs">How long one that is decided waits for a claim.</param>
/// <param name="counters">Where what falls out is counted.</param>
internal sealed class UnclaimedPackets(int capacity, int maxPackets, long keepNs, CaptureCounters counters)
{
    // Not cleared: each byte is written before it is read, and what is not used takes no memory.
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity);
    private readonly Queue<Waiting> _inOrder = [];
    private readonly Queue<Waiting> _undecided = [];
    private readonly Dictionary<MediaPath, PathChain> _ofPath = [];
    private readonly Stack<Waiting> _unused = [];
    private readonly List<Waiting> _offered = [];
    private int _head;
    private long _added;

    /// <summary>Takes a packet's payload; false where it is nobody's still.</summary>
    public delegate bool Claimant(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs);

    /// <summary>Packets that wait, undecided ones included.</summary>
    public int Count { get; private set; }

    /// <summary>The number of the packet that came last, from 1.</summary>
    public long Added => _added;

    /// <summary>Whether packets are undecided.</summary>
    public bool HasUndecided => _undecided.Count > 0;

    /// <summary>Keeps a copy of a packet that nobody claims.</summary>
    public void Add(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        Expire(timeNs);
        if (Store(path, payload, timeNs) is { } packet)
            Chain(packet);
    }

    /// <summary>Keeps a copy of a packet until it can be known whose it is.</summary>
    public void AddUndecided(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (Store(path, payload, timeNs) is not { } packet)
            return;
        packet.IsUndecided = true;
        _undecided.Enqueue(packet);
    }

    /// <summary>The oldest undecided packet, where its number is at most <paramref name="through"/>; <see cref="Decide"/> comes next.</summary>
    public bool TryPeekUndecided(long through, out MediaPath path, out ReadOnlySpan<byte> payload, out long timeNs)
    {
        path = default;
        payload = default;
        timeNs = 0;
        if (!_undecided.TryPeek(out var packet) || packet.Number > through)
            return false;
        path = packet.Path;
        payload = _bytes.AsSpan(packet.Offset, packet.Length);
        timeNs = packet.TimeNs;
        return true;
    }

    /// <summary>Says whether somebody took the packet that was peeked at; else it waits for a claim.</summary>
    public void Decide(bool isTaken)
    {
        var packet = _undecided.Dequeue();
        packet.IsUndecided = false;
        if (isTaken)
            Take(packet);
        else
            Chain(packet);
    }

    private Waiting? Store(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (payload.Length > _bytes.Length)
        {
            counters.Drop(DropReason.UnclaimedFull);
            return null;
        }

        if (_head + payload.Length > _bytes.Length)
            Wrap();
        MakeRoom(payload.Length);
        payload.CopyTo(_bytes.AsSpan(_head));
        var packet = Append(path, timeNs, payload.Length);
        _head += payload.Length;
        return packet;
    }

    /// <summary>Offers, oldest first, what goes to or comes from one of these addresses and is not too old at <paramref name="nowNs"/>.</summary>
    public void Claim(IReadOnlySet<TransportAddress> addresses, long nowNs, Claimant claimant)
    {
        Expire(nowNs);
        foreach (var (path, chain) in _ofPath)
        {
            if (!addresses.Contains(path.Source) && !addresses.Contains(path.Destination))
                continue;
            for (var packet = chain.First; packet is not null; packet = packet.Next)
                _offered.Add(packet);
            // Of a dictionary that is gone through, entries may be removed; none may be added.
            _ofPath.Remove(path);
        }

        _offered.Sort(static (one, other) => one.Number.CompareTo(other.Number));
        foreach (var packet in _offered)
        {
            packet.Next = null;
            if (claimant(packet.Path, _bytes.AsSpan(packet.Offset, packet.Length), packet.TimeNs))
                Take(packet);
            else
                Chain(packet);
        }

        _offered.Clear();
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
        while (_inOrder.TryPeek(out var oldest) && !oldest.IsUndecided && (oldest.IsTaken || oldest.TimeNs < nowNs - keepNs))
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
        while (_inOrder.Count >= maxPackets)
            Drop(DropReason.UnclaimedFull);
        while (_inOrder.TryPeek(out var oldest) && oldest.Offset >= _head && oldest.Offset < _head + length)
            Drop(DropReason.UnclaimedFull);
    }

    private Waiting Append(in MediaPath path, long timeNs, int length)
    {
        if (!_unused.TryPop(out var packet))
            packet = new Waiting();
        packet.Begin(++_added, path, timeNs, _head, length);
        _inOrder.Enqueue(packet);
        Count++;
        return packet;
    }

    private void Chain(Waiting packet)
    {
        _ofPath.TryGetValue(packet.Path, out var chain);
        if (chain.Last is not null)
            chain.Last.Next = packet;
        _ofPath[packet.Path] = new PathChain(chain.First ?? packet, packet);
    }

    private void Take(Waiting packet)
    {
        packet.IsTaken = true;
        Count--;
    }

    // The oldest of all is the oldest of its path as well, and of the undecided.
    private void Drop(DropReason reason)
    {
        var packet = _inOrder.Dequeue();
        if (packet.IsUndecided)
        {
            _undecided.Dequeue();
            counters.Drop(DropReason.UndecidedFull);
            Count--;
        }
        else if (!packet.IsTaken)
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

    private readonly record struct PathChain(Waiting? First, Waiting? Last);

    /// <summary>One that waits, or that was taken and still holds its place in the ring. It is used again.</summary>
    private sealed class Waiting
    {
        public long Number { get; private set; }

        public MediaPath Path { get; private set; }

        public long TimeNs { get; private set; }

        public int Offset { get; private set; }

        public int Length { get; private set; }

        /// <summary>The next of its path.</summary>
        public Waiting? Next { get; set; }

        public bool IsUndecided { get; set; }

        public bool IsTaken { get; set; }

        public void Begin(long number, in MediaPath path, long timeNs, int offset, int length) =>
            (Number, Path, TimeNs, Offset, Length, IsUndecided, IsTaken) = (number, path, timeNs, offset, length, false, false);
    }
}
