using System.Net;
using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Sdp;
using CallMirror.Protocols.Sip;

namespace CallMirror.Capture.Sip;

/// <summary>
/// The media addresses that a SIP message may announce: those of its session description, and their ports at the hosts that the message runs between, where NAT
/// hides the addresses. Until sip-tracker has answered, nobody knows whose they are.
/// </summary>
internal static class NamedAddresses
{
    /// <summary>Adds them to a set.</summary>
    public static void Read(SipMessageCaptured message, HashSet<TransportAddress> into)
    {
        if (!SipMessage.TryParse(message.Payload, out var sip, out _) || !sip.TryGetSdp(out var bytes))
            return;
        if (!SessionDescription.TryParse(bytes.Span, out var sdp, out _))
            return;
        foreach (var media in sdp.Media)
            if (media.Port != 0)
                Add(message, media.Connection, media.Port, into);
    }

    private static void Add(SipMessageCaptured message, IPAddress? address, int port, HashSet<TransportAddress> into)
    {
        if (address is not null)
            into.Add(TransportAddress.From(address, port));
        foreach (string end in (ReadOnlySpan<string>)[message.Source, message.Destination])
            if (TransportAddress.TryParse(end, out var host))
                into.Add(host.WithPort(port));
    }
}
