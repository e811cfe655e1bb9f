using CallMirror.Contracts.Calls;

namespace CallMirror.WsGateway.Protocol;

/// <summary>What SIP has told of a call that was found by its media, and that goes on under the name that it was found by.</summary>
/// <param name="CallId">The SIP Call-ID.</param>
/// <param name="From">The From URI, where known.</param>
/// <param name="To">The To URI, where known.</param>
internal sealed record CallName(string CallId, string? From, string? To)
{
    // A text has to fit into one frame, whatever an INVITE says.
    private const int MaxUri = 1024;

    /// <summary>Null where the call has been known by its Call-ID all the time, or is known by its media alone.</summary>
    public static CallName? Of(MediaNegotiated call) =>
        call.SipCallId is { } callId ? new CallName(callId, Shortened(call.From), Shortened(call.To)) : null;

    /// <summary>A URI that fits.</summary>
    public static string? Shortened(string? uri) => uri is { Length: > MaxUri } ? uri[..MaxUri] : uri;
}
