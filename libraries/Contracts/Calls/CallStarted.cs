namespace CallMirror.Contracts.Calls;

/// <summary>The first INVITE of a call was seen, or RTP of a call whose INVITE the tap missed; <see cref="CallEvent.At"/> is the call's epoch, position 0 of its audio.</summary>
public sealed record CallStarted : CallEvent
{
    /// <summary>Who calls: the From URI without parameters, e.g. <c>sip:1000@pbx</c>.</summary>
    public string? From { get; init; }

    /// <summary>Who is called: the To URI without parameters.</summary>
    public string? To { get; init; }

    /// <summary>Where the INVITE, or the first RTP packet, came from, <c>address:port</c>.</summary>
    public string? Source { get; init; }

    /// <summary>Where it went to, <c>address:port</c>.</summary>
    public string? Destination { get; init; }
}
