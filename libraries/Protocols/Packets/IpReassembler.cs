namespace CallMirror.Protocols.Packets;

/// <summary>Bounds of an <see cref="IpReassembler"/>. When one is reached, the oldest unfinished datagram is given up.</summary>
/// <param name="MaxDatagrams">Unfinished datagrams at a time.</param>
/// <param name="MaxBytes">Bytes held for them.</param>
/// <param name="LifetimeNs">How long a datagram may stay unfinished, in packet time (RFC 791 §3.2, RFC 8200 §4.5).</param>
public sealed record IpReassemblyLimits(
    int MaxDatagrams = 1024,
    int MaxBytes = 8 * 1024 * 1024,
    long LifetimeNs = 30_000_000_000);

/// <summary>
/// Puts fragmented IPv4 and IPv6 datagrams together again. Time is the packets' own; the payload it gives belongs to it and is valid until the next call.
/// Some senders give all datagrams one identification: their fragments are told apart by their bytes, their place and UDP's length.
/// </summary>
public sealed class IpReassembler(IpReassemblyLimits limits)
{
    /// <summary>How long a finished datagram is remembered, so that a mirror's second copy of its fragments starts no new one.</summary>
    private const long MemoryNs = 1_000_000_000;

    /// <summary>A datagram's fragments leave together, and come within so long.</summary>
    private const long TogetherNs = 200_000_000;

    // Of a key the oldest, each with the next newer.
    private readonly Dictionary<FragmentKey, FragmentBuffer> _datagrams = [];
    private readonly LinkedList<FragmentBuffer> _unfinished = new();
    private readonly LinkedList<FragmentBuffer> _finished = new();
    private readonly Stack<FragmentBuffer> _spare = new();

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

        FragmentBuffer datagram = Find(in fragment, nowNs, out FragmentFit fit);
        FragmentResult result = fit switch
        {
            FragmentFit.Free => Take(datagram, in fragment),
            FragmentFit.Same => FragmentResult.Duplicate,
            _ => FragmentResult.Overlap,
        };
        if (result == FragmentResult.Complete)
            whole = Finish(datagram, in fragment, nowNs);
        else if (result == FragmentResult.Overlap)
            Drop(datagram);
        EvictBeyondBounds(kept: datagram);
        return result;
    }

    /// <summary>Gives up what has waited too long; <see cref="Add"/> does so itself.</summary>
    public void Expire(long nowNs)
    {
        while (_unfinished.First is { } oldest && nowNs - oldest.Value.SinceNs > limits.LifetimeNs)
        {
            Drop(oldest.Value);
            Expired++;
        }

        while (_finished.First is { } oldest && (nowNs - oldest.Value.SinceNs > MemoryNs || _finished.Count > limits.MaxDatagrams))
            Drop(oldest.Value);
    }

    // One that lacks the fragment, then one that has it, then one that it contradicts; else a new one. Of those that lack it the oldest, unless that has waited for
    // so long that what it lacks is lost.
    private FragmentBuffer Find(scoped in IpPacket fragment, long nowNs, out FragmentFit fit)
    {
        FragmentKey key = FragmentKey.Of(in fragment);
        FragmentBuffer? found = null;
        bool isFound = false;
        fit = FragmentFit.Other;
        for (FragmentBuffer? each = _datagrams.GetValueOrDefault(key); each is not null && !isFound; each = each.Newer)
        {
            FragmentFit its = each.Fit(in fragment);
            bool isBetter = its < fit || its == FragmentFit.Free || (its == FragmentFit.Contradiction && fit == FragmentFit.Other && !each.IsFinished);
            if (isBetter)
                (found, fit) = (each, its);
            isFound = its == FragmentFit.Free && nowNs - each.SinceNs <= TogetherNs;
        }

        if (found is not null)
            return found;
        fit = FragmentFit.Free;
        return Begin(key, nowNs);
    }

    private FragmentBuffer Begin(FragmentKey key, long nowNs)
    {
        FragmentBuffer datagram = _spare.TryPop(out FragmentBuffer? spare) ? spare : new FragmentBuffer();
        datagram.Start(key, nowNs);
        if (_datagrams.TryGetValue(key, out FragmentBuffer? newest))
        {
            while (newest.Newer is { } newer)
                newest = newer;
            newest.Newer = datagram;
        }
        else
        {
            _datagrams.Add(key, datagram);
        }

        _unfinished.AddLast(datagram.Node);
        return datagram;
    }

    private FragmentResult Take(FragmentBuffer datagram, scoped in IpPacket fragment)
    {
        HeldBytes -= datagram.Capacity;
        FragmentResult result = datagram.Add(in fragment);
        HeldBytes += datagram.Capacity;
        return result;
    }

    private IpPacket Finish(FragmentBuffer datagram, scoped in IpPacket last, long nowNs)
    {
        _unfinished.Remove(datagram.Node);
        _finished.AddLast(datagram.Node);
        datagram.Finish(nowNs);
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

    // What is finished goes first: it is kept only to know copies by. The caller may still read the one that it has just got.
    private void EvictBeyondBounds(FragmentBuffer kept)
    {
        while (HeldBytes > limits.MaxBytes && _finished.First is { } oldest && oldest.Value != kept)
            Drop(oldest.Value);
        while (_unfinished.First is { } oldest && (_unfinished.Count > limits.MaxDatagrams || HeldBytes > limits.MaxBytes))
        {
            Drop(oldest.Value);
            Evicted++;
        }
    }

    private void Drop(FragmentBuffer datagram)
    {
        Unlink(datagram);
        datagram.Node.List!.Remove(datagram.Node);
        HeldBytes -= datagram.Capacity;
        datagram.Release();
        _spare.Push(datagram);
    }

    private void Unlink(FragmentBuffer datagram)
    {
        FragmentBuffer older = _datagrams[datagram.Key];
        if (older != datagram)
        {
            while (older.Newer != datagram)
                older = older.Newer!;
            older.Newer = datagram.Newer;
        }
        else if (datagram.Newer is { } newer)
        {
            _datagrams[datagram.Key] = newer;
        }
        else
        {
            _ = _datagrams.Remove(datagram.Key);
        }

        datagram.Newer = null;
    }
}
