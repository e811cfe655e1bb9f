namespace CallMirror.Protocols.Packets;

/// <summary>Bounds of an <see cref="IpReassembler"/>. When one is reached, the oldest unfinished datagram is given up.</summary>
/// <param name="MaxDatagrams">Unfinished datagrams at a time.</param>
/// <param name="MaxBytes">Bytes held for them.</param>
/// <param name="LifetimeNs">How long a datagram may stay unfinished, in packet time (RFC 791 §3.2, RFC 8200 §4.5).</param>
public sealed record IpReassemblyLimits(
    int MaxDatagrams = 1024,
    int MaxBytes = 8 * 1024 * 1024,
    long LifetimeNs = 30_000_000_000);

/// <summary>Puts fragmented IPv4 and IPv6 datagrams together again. Time is the packets' own; the payload it gives belongs to it and is valid until the next call.</summary>
public sealed class IpReassembler(IpReassemblyLimits limits)
{
    /// <summary>How long a finished datagram is remembered, so that a mirror's second copy of its fragments starts no new one.</summary>
    private const long MemoryNs = 1_000_000_000;

    private readonly Dictionary<FragmentKey, FragmentBuffer> _datagrams = [];
    private readonly LinkedList<FragmentBuffer> _unfinished = new();
    private readonly LinkedList<FragmentBuffer> _finished = new();
    private readonly Stack<FragmentBuffer> _spare = new();
    private FragmentBuffer? _given;

    public IpReassembler()
        : this(new IpReassemblyLimits())
    {
    }

    /// <summary>Datagrams that were given up because a fragment never came.</summary>
    public long Expired { get; private set; }

    /// <summary>Datagrams that were given up because a bound was reached.</summary>
    public long Evicted { get; private set; }

    /// <summary>Unfinished datagrams now.</summary>
    public int Count => _unfinished.Count;

    /// <summary>Bytes held now.</summary>
    public int HeldBytes { get; private set; }

    /// <summary>Takes one fragment at packet time <paramref name="nowNs"/>; with <see cref="FragmentResult.Complete"/> the whole datagram comes back, ready for <see cref="FrameDissector.TryReadTransport"/>.</summary>
    public FragmentResult Add(scoped in IpPacket fragment, long nowNs, out IpPacket whole)
    {
        whole = default;
        Expire(nowNs);
        if (!fragment.IsFragment)
            return FragmentResult.NotFragment;
        if (!FragmentBuffer.IsSound(in fragment))
            return FragmentResult.BadFragment;

        FragmentBuffer datagram = Find(in fragment, nowNs);
        if (datagram.IsFinished)
            return FragmentResult.Duplicate;
        HeldBytes -= datagram.Capacity;
        FragmentResult result = datagram.Add(in fragment);
        HeldBytes += datagram.Capacity;
        if (result == FragmentResult.Complete)
            whole = Finish(datagram, in fragment, nowNs);
        else if (result == FragmentResult.Overlap)
            Drop(datagram);
        EvictBeyondBounds();
        return result;
    }

    /// <summary>Gives up what has waited too long; <see cref="Add"/> does so itself.</summary>
    public void Expire(long nowNs)
    {
        ReleaseGiven();
        while (_unfinished.First is { } oldest && nowNs - oldest.Value.SinceNs > limits.LifetimeNs)
        {
            Drop(oldest.Value);
            Expired++;
        }

        while (_finished.First is { } oldest && (nowNs - oldest.Value.SinceNs > MemoryNs || _finished.Count > limits.MaxDatagrams))
            Drop(oldest.Value);
    }

    private FragmentBuffer Find(scoped in IpPacket fragment, long nowNs)
    {
        FragmentKey key = FragmentKey.Of(in fragment);
        if (_datagrams.TryGetValue(key, out FragmentBuffer? datagram))
            return datagram;
        datagram = _spare.TryPop(out FragmentBuffer? spare) ? spare : new FragmentBuffer();
        datagram.Start(key, nowNs);
        _datagrams.Add(key, datagram);
        _unfinished.AddLast(datagram.Node);
        return datagram;
    }

    private IpPacket Finish(FragmentBuffer datagram, scoped in IpPacket last, long nowNs)
    {
        _unfinished.Remove(datagram.Node);
        _finished.AddLast(datagram.Node);
        datagram.Finish(nowNs);
        _given = datagram;
        return new IpPacket
        {
            Version = last.Version,
            Protocol = datagram.Protocol,
            Source = last.Source,
            Destination = last.Destination,
            Identification = last.Identification,
            Payload = datagram.Payload,
        };
    }

    private void ReleaseGiven()
    {
        if (_given is not null)
            Release(_given);
        _given = null;
    }

    private void EvictBeyondBounds()
    {
        while (_unfinished.First is { } oldest && (_unfinished.Count > limits.MaxDatagrams || HeldBytes > limits.MaxBytes))
        {
            Drop(oldest.Value);
            Evicted++;
        }
    }

    private void Drop(FragmentBuffer datagram)
    {
        _ = _datagrams.Remove(datagram.Key);
        datagram.Node.List!.Remove(datagram.Node);
        Release(datagram);
        _spare.Push(datagram);
    }

    private void Release(FragmentBuffer datagram)
    {
        HeldBytes -= datagram.Capacity;
        datagram.Release();
    }
}
