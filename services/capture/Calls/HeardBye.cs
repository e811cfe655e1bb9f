using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Calls;

/// <summary>A BYE, and the hosts that it ran between.</summary>
/// <param name="CallId">Its dialog's.</param>
/// <param name="TimeNs">When it was captured.</param>
/// <param name="From">Who said it.</param>
/// <param name="To">Whom to.</param>
internal sealed record HeardBye(string CallId, long TimeNs, TransportAddress From, TransportAddress To)
{
    /// <summary>Null where a message is no BYE.</summary>
    public static HeardBye? Of(SipMessageCaptured message, long timeNs) =>
        message.Payload.AsSpan().StartsWith("BYE "u8)
        && TransportAddress.TryParse(message.Source, out var from) && TransportAddress.TryParse(message.Destination, out var to)
            ? new HeardBye(message.CallId, timeNs, from, to) : null;
}
