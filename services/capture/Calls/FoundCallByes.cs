using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Calls;

/// <summary>
/// BYEs of dialogs that nobody knows, for calls that were found by their media. Such a BYE names no address; but where it runs between the hosts of a found call, and that
/// call's media stops with it, it was that call's. On a trunk many calls have the same two hosts: those whose media goes on are not meant.
/// </summary>
internal sealed class FoundCallByes(CaptureOptions options)
{
    // Media stops within this of the BYE, and stays away as long again.
    private const long WithinNs = 1_000_000_000;

    private readonly long _lingerNs = (long)options.Linger.TotalNanoseconds;

    /// <summary>Somebody said BYE.</summary>
    public static void Note(SipMessageCaptured message, long timeNs, IEnumerable<MirroredCall> calls)
    {
        if (!message.Payload.AsSpan().StartsWith("BYE "u8)
            || !TransportAddress.TryParse(message.Source, out var from) || !TransportAddress.TryParse(message.Destination, out var to))
            return;
        foreach (var call in calls)
            if (call.IsFound && call.IsRunning && timeNs - call.LastMediaNs <= WithinNs && IsBetween(call, from, to))
                call.NoteBye(timeNs);
    }

    /// <summary>When a BYE ended a call: its media stopped with it, and a second has passed since. Null where none did.</summary>
    public long? EndOf(MirroredCall call, long nowNs) =>
        call.ByeNs is { } byeNs && nowNs >= byeNs + _lingerNs + WithinNs ? byeNs : null;

    private static bool IsBetween(MirroredCall call, TransportAddress from, TransportAddress to) =>
        (IsHost(call, 0, from) && IsHost(call, 1, to)) || (IsHost(call, 1, from) && IsHost(call, 0, to));

    private static bool IsHost(MirroredCall call, int party, TransportAddress host) => call.Parties[party].All.Any(host.HasSameAddress);
}
