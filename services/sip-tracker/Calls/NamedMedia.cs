using System.Net;
using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker.Calls;

/// <summary>
/// Whether media on the wire is what a call's SIP names: its announced addresses, or, where NAT hides one, the host that the role's SIP
/// comes from (symmetric RTP, RFC 4961; latching, RFC 7362 §4).
/// </summary>
internal static class NamedMedia
{
    /// <summary>Both ends are the call's: one as announced (or at its announced port behind 1:1 NAT), the other so too or hidden by NAT.</summary>
    public static bool IsBoth(CallState call, string source, string destination) => AnnouncedMedia.Counting(call)
        .SelectMany(dialog => dialog.Agreed)
        .Any(agreed => IsBoth(call, agreed, source, destination) || IsBoth(call, agreed, destination, source));

    /// <summary>One end is announced, agreed or only offered.</summary>
    public static bool IsOne(IEnumerable<NegotiatedStream> streams, string source, string destination) =>
        streams.SelectMany(stream => new[] { stream.Sender, stream.Receiver }).Any(address => address is not null && (address == source || address == destination));

    /// <summary>The two hosts are those that the call's SIP runs between.</summary>
    public static bool IsBetweenHosts(CallState call, string source, string destination)
    {
        var (from, to) = (CallHosts.HostOf(source), CallHosts.HostOf(destination));
        return call.Hosts.Caller.Contains(from) && call.Hosts.Callee.Contains(to) || call.Hosts.Callee.Contains(from) && call.Hosts.Caller.Contains(to);
    }

    private static bool IsBoth(CallState call, Agreed agreed, string caller, string callee)
    {
        if (agreed.Streams is not [var first, ..])
            return false;
        var (fit, other) = (Fit(first.Sender, call.Hosts.Caller, caller), Fit(first.Receiver, call.Hosts.Callee, callee));
        return fit is not MediaFit.None && other is not MediaFit.None && (fit == MediaFit.Exact || other == MediaFit.Exact);
    }

    private static MediaFit Fit(string? announced, string[] hosts, string seen)
    {
        if (announced == seen)
            return MediaFit.Exact;
        bool isHost = hosts.Contains(CallHosts.HostOf(seen));
        // A host that is on the wire is not behind NAT: another of its ports carries another call.
        if (!isHost || (announced is not null && CallHosts.HostOf(announced) == CallHosts.HostOf(seen)))
            return MediaFit.None;
        return announced is not null && PortOf(announced) == PortOf(seen) ? MediaFit.Exact : MediaFit.ByHost;
    }

    private static int? PortOf(string address) => IPEndPoint.TryParse(address, out var end) ? end.Port : null;

    private enum MediaFit : byte
    {
        None,
        ByHost,
        Exact,
    }
}
