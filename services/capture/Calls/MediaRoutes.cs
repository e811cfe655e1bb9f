using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Calls;

/// <summary>To which call and role a packet belongs.</summary>
internal readonly record struct MediaRoute(MirroredCall Call, int Role);

/// <summary>
/// Finds the call of a packet by its two ends. A packet belongs to the call that announced both; where only one end was announced (NAT, several
/// calls that share one media address), that end decides, the latest running call first.
/// </summary>
internal sealed class MediaRoutes
{
    // Paths are remembered to be fast; whoever sends to one announced address from many would otherwise fill the memory.
    private const int MaxPaths = 131_072;

    private static readonly List<Announcement> Nobody = [];

    private readonly Dictionary<TransportAddress, List<Announcement>> _announced = [];
    private readonly Dictionary<TransportAddress, List<MediaPath>> _pathsByEnd = [];
    private readonly Dictionary<MediaPath, MediaRoute> _routes = [];

    /// <summary>Entries held: none once all calls are removed.</summary>
    public int Entries => _announced.Count + _pathsByEnd.Count + _routes.Count;

    /// <summary>A call announced that one of its parties (0 = caller, 1 = callee) receives at an address, and by symmetric RTP sends from there.</summary>
    public void Announce(MirroredCall call, int party, TransportAddress address)
    {
        if (!_announced.TryGetValue(address, out var calls))
            _announced[address] = calls = [];
        if (calls.Contains(new Announcement(call, party)))
            return;
        calls.Add(new Announcement(call, party));
        call.Addresses.Add(address);
        ForgetPaths(address);
    }

    /// <summary>A call is over: its addresses mean nothing any more. A second time does nothing.</summary>
    public void Remove(MirroredCall call)
    {
        foreach (var address in call.Addresses)
        {
            var calls = _announced[address];
            calls.RemoveAll(announcement => announcement.Call == call);
            if (calls.Count == 0)
                _announced.Remove(address);
            ForgetPaths(address);
        }

        call.Addresses.Clear();
    }

    /// <summary>A call has ended but lingers: running calls go before it now.</summary>
    public void Demote(MirroredCall call)
    {
        foreach (var address in call.Addresses)
            ForgetPaths(address);
    }

    /// <summary>The call and role of a packet.</summary>
    public bool TryFind(in MediaPath path, out MediaRoute route)
    {
        if (_routes.TryGetValue(path, out route))
            return true;
        bool found = TryMatch(path, out route);
        if (found)
            Remember(path, route);
        return found;
    }

    private bool TryMatch(in MediaPath path, out MediaRoute route)
    {
        _announced.TryGetValue(path.Source, out var senders);
        _announced.TryGetValue(path.Destination, out var receivers);
        route = default;
        (bool Both, bool Running, long Order) best = (false, false, -1);
        foreach (var (call, party) in receivers ?? Nobody)
            Consider(call, role: 1 - party, both: senders?.Contains(new Announcement(call, 1 - party)) ?? false, ref best, ref route);
        foreach (var (call, party) in senders ?? Nobody)
            Consider(call, role: party, both: receivers?.Contains(new Announcement(call, 1 - party)) ?? false, ref best, ref route);
        return best.Order >= 0;
    }

    private static void Consider(MirroredCall call, int role, bool both, ref (bool Both, bool Running, long Order) best, ref MediaRoute route)
    {
        var candidate = (both, call.IsRunning, call.Order);
        if (candidate.CompareTo(best) <= 0)
            return;
        best = candidate;
        route = new MediaRoute(call, role);
    }

    private void Remember(in MediaPath path, in MediaRoute route)
    {
        if (_routes.Count >= MaxPaths)
        {
            _routes.Clear();
            _pathsByEnd.Clear();
        }

        _routes[path] = route;
        foreach (var end in (ReadOnlySpan<TransportAddress>)[path.Source, path.Destination])
        {
            if (!_pathsByEnd.TryGetValue(end, out var paths))
                _pathsByEnd[end] = paths = [];
            paths.Add(path);
        }
    }

    private void ForgetPaths(TransportAddress end)
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

    private readonly record struct Announcement(MirroredCall Call, int Party);
}
