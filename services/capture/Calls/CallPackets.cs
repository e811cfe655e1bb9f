using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Calls;

/// <summary>Gives each packet to its call: at once where its path is known, else by its ends, by who is up, and by what has ended there.</summary>
internal sealed class CallPackets(MediaRoutes routes, CallEnds ends, CaptureCounters counters)
{
    /// <summary>Gives a packet to the call that has its path, while nothing is pending that could change it.</summary>
    public bool TryAcceptAtOnce(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (!routes.TryRecall(path, out var route) || !IsTaken(route.Call, timeNs))
            return false;
        Accept(route, path, payload, timeNs);
        return true;
    }

    /// <summary>Gives a packet to its call, all that was said before it being known; false where no call claims it and one may still do so.</summary>
    /// <param name="path">From where to where it goes.</param>
    /// <param name="payload">The RTP packet.</param>
    /// <param name="timeNs">When it was captured.</param>
    /// <param name="isLatest">No packet waits behind it: the next of its path may be given away at once.</param>
    public bool TryAccept(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs, bool isLatest)
    {
        if (TryFind(path, payload, timeNs, out var route, out var reason))
            Begin(route, path, payload, timeNs, isLatest);
        else if (reason is { } dropped)
            counters.Drop(dropped);
        else
            return false;
        return true;
    }

    /// <summary>Gives a packet that has waited to a call that was announced since; false where it is not that call's.</summary>
    public bool TryClaim(MirroredCall call, in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (!TryFind(path, payload, timeNs, out var route, out _) || route.Call != call)
            return false;
        Begin(route, path, payload, timeNs, isLatest: false);
        return true;
    }

    // Whether a call is over is said by packets' time, not by the window that happens to close it; then its addresses go to the next.
    private bool IsTaken(MirroredCall call, long timeNs)
    {
        ends.EndIfSilent(call, timeNs);
        return call.IsTakenAt(timeNs);
    }

    private bool TryFind(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs, out MediaRoute route, out DropReason? reason)
    {
        reason = null;
        RouteFailure failure;
        while (routes.TryFind(path, payload, timeNs, out route, out failure))
        {
            if (!IsTaken(route.Call, timeNs))
                routes.Remove(route.Call);
            else if (IsOfCall(route, path, payload, timeNs))
                return true;
            else
                break;
        }

        if (failure == RouteFailure.LostFork)
            reason = DropReason.LostFork;
        else if (ends.GoesOn(path.Destination, payload, timeNs))
            reason = DropReason.AfterEnd;
        else if (ends.IsCopy(path.Destination, payload))
            reason = DropReason.LateCopy;
        return false;
    }

    // A path of which the call announced both ends is right, whatever was on it before; so is one that it has had, and the ended call's own.
    private bool IsOfCall(in MediaRoute route, in MediaPath path, ReadOnlySpan<byte> payload, long timeNs) =>
        !route.Call.IsRunningAt(timeNs)
        || route.Call.Has(path)
        || route.Call.ScoreOf(route.Role, path, timeNs) >= RouteScore.BothEnds
        || !ends.GoesOn(path.Destination, payload, timeNs);

    private void Begin(in MediaRoute route, in MediaPath path, ReadOnlySpan<byte> payload, long timeNs, bool isLatest)
    {
        route.Call.Remember(path);
        if (isLatest)
            routes.Remember(path, route, timeNs);
        Accept(route, path, payload, timeNs);
    }

    private void Accept(in MediaRoute route, in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (!RtpPacket.TryParse(payload, out var packet, out _))
        {
            counters.Drop(DropReason.BadRtp);
            return;
        }

        counters.Rtp++;
        route.Call.Accept(route.Role, path, packet, timeNs);
    }
}
