namespace CallMirror.Contracts.Calls;

/// <summary>What every call event says. Routing key: the call-id (see <see cref="Naming.RoutingKey"/>).</summary>
public abstract record CallEvent
{
    /// <summary>The SIP Call-ID: the name of the call everywhere. <c>rtp-…</c>, made of its addresses and first time, where no SIP was seen.</summary>
    public required string CallId { get; init; }

    /// <summary>
    /// The SIP Call-ID that a call turned out to have which was found by its media: <see cref="CallId"/> stays the name that it was found by, as its audio goes on under that.
    /// Null for all other calls.
    /// </summary>
    public string? SipCallId { get; init; }

    /// <summary>Ties the calls of one conversation together where a header says so, else null.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>
    /// The call's epoch: capture time of its first INVITE, position 0 of its audio. A Call-ID may be used again; Call-ID and epoch name one call. Not set by
    /// a sender of an earlier version: then the latest call of that Call-ID is meant.
    /// </summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Capture time of the SIP message (or of the timer) that caused the event.</summary>
    public required DateTimeOffset At { get; init; }
}
