using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Calls;

/// <summary>How well an address fits a party of a call, worst first.</summary>
internal enum AddressFit : byte
{
    /// <summary>The party announced others.</summary>
    None,

    /// <summary>The party has announced nothing yet.</summary>
    Unknown,

    /// <summary>A host of the party, at another port.</summary>
    SameHost,

    /// <summary>The party announced it earlier and has moved since.</summary>
    Withdrawn,

    /// <summary>The announced port at a host that the party's SIP comes from: NAT hides the announced address.</summary>
    BehindNat,

    /// <summary>The party announced it.</summary>
    Announced,
}

/// <summary>Where one party of a call receives, and by symmetric RTP (RFC 4961) sends from.</summary>
internal sealed class PartyAddresses
{
    // Nobody rings at more places; a sender that lies must not fill the memory.
    private const int MaxAddresses = 64;

    private readonly HashSet<TransportAddress> _announced = [];
    private readonly HashSet<TransportAddress> _behindNat = [];
    private readonly HashSet<TransportAddress> _hosts = [];
    private readonly Dictionary<TransportAddress, long> _withdrawn = [];
    private readonly HashSet<TransportAddress> _lost = [];

    /// <summary>All by which the call is to be found, those of which it has moved away included.</summary>
    public IEnumerable<TransportAddress> All => _announced.Concat(_behindNat).Concat(_withdrawn.Keys);

    /// <summary>How an address fits at a time.</summary>
    public AddressFit FitOf(TransportAddress address, long timeNs)
    {
        if (_announced.Contains(address))
            return AddressFit.Announced;
        if (_behindNat.Contains(address))
            return AddressFit.BehindNat;
        if (_withdrawn.TryGetValue(address, out long untilNs) && timeNs <= untilNs)
            return AddressFit.Withdrawn;
        if (_hosts.Contains(address.WithPort(0)) || IsHostOfAnnounced(address))
            return AddressFit.SameHost;
        return _announced.Count == 0 ? AddressFit.Unknown : AddressFit.None;
    }

    /// <summary>Another fork of this party has answered, so what this address says is none of the call's.</summary>
    public bool HasLost(TransportAddress address) => _lost.Contains(address);

    /// <summary>Takes over all that counts now. What is not in it is lost for good, or for a while only where the party has moved.</summary>
    /// <param name="announced">The announced addresses.</param>
    /// <param name="hosts">The hosts that the party's SIP comes from, with port 0.</param>
    /// <param name="isAnswer">One of several forks has answered: the others have lost.</param>
    /// <param name="untilNs">Until when packets of an earlier address are on their way.</param>
    public void Replace(IReadOnlyCollection<TransportAddress> announced, IReadOnlyCollection<TransportAddress> hosts, bool isAnswer, long untilNs)
    {
        foreach (var address in _announced.Except(announced).ToList())
            if (isAnswer)
                _lost.Add(address);
            else
                _withdrawn[address] = untilNs;
        Fill(_announced, announced);
        _lost.ExceptWith(announced);
        foreach (var address in announced)
            _withdrawn.Remove(address);
        Fill(_hosts, hosts);
        Fill(_behindNat, [.. hosts.SelectMany(_ => announced, (host, address) => host.WithPort(address.Port)).Where(address => !announced.Contains(address))]);
        Bound();
    }

    private static void Fill(HashSet<TransportAddress> set, IReadOnlyCollection<TransportAddress> with)
    {
        set.Clear();
        set.UnionWith(with.Take(MaxAddresses));
    }

    private void Bound()
    {
        if (_withdrawn.Count > MaxAddresses)
            _withdrawn.Clear();
        if (_lost.Count > MaxAddresses)
            _lost.Clear();
    }

    private bool IsHostOfAnnounced(TransportAddress address)
    {
        foreach (var announced in _announced)
            if (announced.HasSameAddress(address))
                return true;
        return false;
    }
}
