using System.Net;
using CallMirror.Contracts.Calls;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Calls;

/// <summary>Reads the addresses out of a negotiation; what is none is passed over.</summary>
internal static class NegotiatedAddresses
{
    /// <summary>Where a party receives and sends from.</summary>
    public static HashSet<TransportAddress> Of(MediaNegotiated negotiated, int party)
    {
        var own = negotiated.Streams.Select(stream => stream.Role == party ? stream.Sender : stream.Role == 1 - party ? stream.Receiver : null);
        HashSet<TransportAddress> addresses = [];
        foreach (string? text in own)
            if (text is not null && TransportAddress.TryParse(text, out var address) && !address.IsUnspecified && address.Port != 0)
                addresses.Add(address);
        return addresses;
    }

    /// <summary>Hosts, with port 0.</summary>
    public static HashSet<TransportAddress> Hosts(IReadOnlyList<string> hosts)
    {
        HashSet<TransportAddress> addresses = [];
        foreach (string host in hosts)
            if (IPAddress.TryParse(host, out var address))
                addresses.Add(TransportAddress.From(address, 0));
        return addresses;
    }
}
