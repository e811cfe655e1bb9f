using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Calls;

/// <summary>To which call and role a packet belongs.</summary>
internal readonly record struct MediaRoute(MirroredCall Call, int Role);

/// <summary>Why no call has a packet.</summary>
internal enum RouteFailure : byte
{
    /// <summary>No call announced one of its ends, or several did and nothing tells them apart.</summary>
    Unknown,

    /// <summary>Its sender, or its receiver, is a fork that has lost.</summary>
    LostFork,
}

/// <summary>
/// Finds the call of a packet by its two ends, by the rules of <see cref="RouteScore"/>. Where both ends say so, the latest running call has it. Where one end is left,
/// calls that share it are told apart only by who is still without media; what can't be told is nobody's, never a guess.
/// </summary>
internal sealed class MediaRoutes
{
    // Paths are remembered to be fast; whoever sends to one announced address from many would otherwise fill the memory.
    private const int MaxPaths = 131_072;

    // A role that was heard this long ago has its sender: another one is somebody else's.
    private const long HeardWithinNs = 1_000_000_000;

    private readonly Dictionary<TransportAddress, List<MirroredCall>> _callsAt = [];
    private readonly Dictionary<TransportAddress, List<MediaPath>> _pathsByEnd = [];
    private readonly Dictionary<MediaPath, MediaRoute> _routes = [];
    private readonly List<MediaRoute> _best = [];

    /// <summary>Entries held: none once all calls are removed.</summary>
    public int Entries => _callsAt.Count + _pathsByEnd.Count + _routes.Count;

    /// <summary>The addresses of a call have changed.</summary>
    public void Announce(MirroredCall call)
    {
        var now = call.Parties.SelectMany(party => party.All).ToHashSet();
        foreach (var address in call.Addresses.Except(now).ToList())
            Leave(call, address);
        foreach (var address in now)
            if (call.Addresses.Add(address))
                Enter(call, address);
        Suspend(call);
    }

    /// <summary>A call is over: its addresses mean nothing any more. A second time does nothing.</summary>
    public void Remove(MirroredCall call)
    {
        foreach (var address in call.Addresses.ToList())
            Leave(call, address);
    }

    /// <summary>Something may change whose the packets of a call are: what was remembered of them counts no more.</summary>
    public void Suspend(MirroredCall call)
    {
        foreach (var address in call.Addresses)
            Suspend(address);
    }

    /// <summary>Something may change whose the packets at an address are.</summary>
    public void Suspend(TransportAddress end)
    {
        if (!_pathsByEnd.Remove(end, out var paths))
            return;
        foreach (var path in paths)
        {
            _routes.Remove(path);
            var other = path.Source == end ? path.Destination : path.Source;
            if (_pathsByEnd.TryGetValue(other, out var others) && others.Remove(path) && others.Count == 0)
                _pathsByEnd.Remove(other);
        }
    }

    /// <summary>The call of a packet as it was found before, while nothing has been heard since that could change it.</summary>
    public bool TryRecall(in MediaPath path, out MediaRoute route) => _routes.TryGetValue(path, out route);

    /// <summary>Finds the call and role of a packet.</summary>
    /// <param name="path">From where to where it goes.</param>
    /// <param name="rtp">The packet: after its end a call takes those of the senders that it had.</param>
    /// <param name="timeNs">When it was captured.</param>
    /// <param name="route">Whose it is.</param>
    /// <param name="failure">Why it is nobody's.</param>
    public bool TryFind(in MediaPath path, ReadOnlySpan<byte> rtp, long timeNs, out MediaRoute route, out RouteFailure failure)
    {
        (failure, route) = (RouteFailure.Unknown, default);
        int best = FindBest(path, rtp, timeNs, ref failure);
        if (best >= RouteScore.BothEnds)
            route = Latest(timeNs);
        else if (_best.Count == 1)
            route = _best[0];
        else
            return _best.Count > 1 && TryTellApart(path, timeNs, out route);
        return true;
    }

    /// <summary>The packets of a path are this call's until something changes: not those of a party that has moved, nor of a call that has ended.</summary>
    public void Remember(in MediaPath path, in MediaRoute route, long timeNs)
    {
        if (!route.Call.IsRunning
            || route.Call.Parties[route.Role].FitOf(path.Source, timeNs) == AddressFit.Withdrawn
            || route.Call.Parties[1 - route.Role].FitOf(path.Destination, timeNs) == AddressFit.Withdrawn)
            return;
        if (_routes.Count >= MaxPaths)
        {
            _routes.Clear();
            _pathsByEnd.Clear();
        }

        if (!_routes.TryAdd(path, route))
            return;
        foreach (var end in (ReadOnlySpan<TransportAddress>)[path.Source, path.Destination])
        {
            if (!_pathsByEnd.TryGetValue(end, out var paths))
                _pathsByEnd[end] = paths = [];
            paths.Add(path);
        }
    }

    private int FindBest(in MediaPath path, ReadOnlySpan<byte> rtp, long timeNs, ref RouteFailure failure)
    {
        int best = RouteScore.No;
        _best.Clear();
        foreach (var end in (ReadOnlySpan<TransportAddress>)[path.Source, path.Destination])
        {
            if (!_callsAt.TryGetValue(end, out var calls))
                continue;
            foreach (var call in calls)
                if (call.HasLost(path))
                    failure = RouteFailure.LostFork;
                else if (call.MayTake(path, rtp, timeNs))
                    Consider(call, path, timeNs, ref best);
        }

        return best;
    }

    private void Consider(MirroredCall call, in MediaPath path, long timeNs, ref int best)
    {
        for (int role = 0; role <= 1; role++)
        {
            int score = call.ScoreOf(role, path, timeNs);
            // A call that was found is two addresses, and nothing else of it is known.
            if (call.IsFound && score < 100)
                continue;
            if (score == RouteScore.No || score < best)
                continue;
            if (score > best)
                _best.Clear();
            best = score;
            // It may be known at either end.
            if (!_best.Contains(new MediaRoute(call, role)))
                _best.Add(new MediaRoute(call, role));
        }
    }

    private MediaRoute Latest(long timeNs)
    {
        var latest = _best[0];
        foreach (var route in _best)
            if ((route.Call.IsRunningAt(timeNs), route.Call.Order).CompareTo((latest.Call.IsRunningAt(timeNs), latest.Call.Order)) > 0)
                latest = route;
        return latest;
    }

    private bool TryTellApart(MediaPath path, long timeNs, out MediaRoute route)
    {
        route = default;
        if (_best.Exists(known => known.Call.Has(path)))
            _best.RemoveAll(known => !known.Call.Has(path));
        if (_best.Count > 1)
            _best.RemoveAll(known => !known.Call.IsRunningAt(timeNs));
        if (_best.Count > 1)
            _best.RemoveAll(known => known.Call.WasHeard(known.Role, timeNs, HeardWithinNs));
        if (_best.Count != 1)
            return false;
        route = _best[0];
        return true;
    }

    private void Enter(MirroredCall call, TransportAddress address)
    {
        if (!_callsAt.TryGetValue(address, out var calls))
            _callsAt[address] = calls = [];
        calls.Add(call);
        Suspend(address);
    }

    private void Leave(MirroredCall call, TransportAddress address)
    {
        call.Addresses.Remove(address);
        if (_callsAt.TryGetValue(address, out var calls) && calls.Remove(call) && calls.Count == 0)
            _callsAt.Remove(address);
        Suspend(address);
    }
}
