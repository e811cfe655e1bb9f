using System.Net;
using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker.Calls;

/// <summary>
/// Whether media on the wire is what a call's SIP names: its announced addresses, or, where NAT hides one, the host that the role's SIP
/// comes from (symmetric RTP, RFC 4961; latching, RFC 7362 §4).
/// </summary>
internal static class NamedMedia
{
    /// <summary>Both ends are the call's: one as announced (or at its port behind 1:1 NAT), the other too, or hidden by NAT.</summary>
    public static bool IsBoth(CallState call, in MediaPair pair)
    {
        foreach (var dialog in AnnouncedMedia.Counting(call))
            foreach (var agreed in dialog.Agreed)
                if (IsBoth(call, agreed, pair.Source, pair.Destination) || IsBoth(call, agreed, pair.Destination, pair.Source))
                    return true;
        return false;
    }

    /// <summary>Of media of which both ends are the call's: its source is the caller's.</summary>
    public static bool IsFromCaller(CallState call, in MediaPair pair)
    {
        foreach (var dialog in AnnouncedMedia.Counting(call))
            foreach (var agreed in dialog.Agreed)
                if (IsBoth(call, agreed, pair.Source, pair.Destination))
                    return true;
        return false;
    }

    /// <summary>One end is announced, agreed or only offered.</summary>
    public static bool IsOne(IEnumerable<NegotiatedStream> streams, MediaPair pair) =>
        streams.SelectMany(stream => new[] { stream.Sender, stream.Receiver })
            .Any(address => address is not null && (address == pair.Source.Address || address == pair.Destination.Address));

    /// <summary>The two hosts are those that the call's SIP runs between.</summary>
    public static bool IsBetweenHosts(CallState call, in MediaPair pair)
    {
        var (from, to) = (pair.Source.Host, pair.Destination.Host);
        var (caller, callee) = (call.Hosts.Caller, call.Hosts.Callee);
        return (caller.Contains(from) && callee.Contains(to)) || (callee.Contains(from) && caller.Contains(to));
    }

    private static bool IsBoth(CallState call, Agreed agreed, in MediaEnd caller, in MediaEnd callee)
    {
        if (agreed.Streams is not [var first, ..])
            return false;
        var (one, other) = (Fit(first.Sender, call.Hosts.Caller, caller), Fit(first.Receiver, call.Hosts.Callee, callee));
        return one is not MediaFit.None && other is not MediaFit.None && (one == MediaFit.Exact || other == MediaFit.Exact);
    }

    private static MediaFit Fit(string? announced, string[] hosts, in MediaEnd seen)
    {
        if (announced == seen.Address)
            return MediaFit.Exact;
        if (!hosts.Contains(seen.Host))
            return MediaFit.None;
        if (announced is null || !IPEndPoint.TryParse(announced, out var end))
            return MediaFit.ByHost;
        // A host that is on the wire is not behind NAT: another of its ports carries another call.
        if (end.Address.ToString() == seen.Host)
            return MediaFit.None;
        return end.Port == seen.Port ? MediaFit.Exact : MediaFit.ByHost;
    }

    private enum MediaFit : byte
    {
        None,
        ByHost,
        Exact,
    }
}

/// <summary>One end of media on the wire.</summary>
internal readonly record struct MediaEnd(string Address, string? Host, int Port)
{
    public static MediaEnd Of(string address) => IPEndPoint.TryParse(address, out var end)
        ? new MediaEnd(address, end.Address.ToString(), end.Port)
        : new MediaEnd(address, null, 0);
}

/// <summary>The two ends of media on the wire.</summary>
internal readonly record struct MediaPair(MediaEnd Source, MediaEnd Destination)
{
    public static MediaPair Of(string source, string destination) => new(MediaEnd.Of(source), MediaEnd.Of(destination));
}
