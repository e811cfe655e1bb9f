namespace CallMirror.Contracts.Sip;

/// <summary>
/// Capture has just seen media of this call (exchange <c>callmirror.media-running</c>, capture → sip-tracker, in one order with
/// <see cref="SipMessageCaptured"/>, at most one a call in 10 s of packets' time): no timer ends a call whose media runs.
/// </summary>
public sealed record MediaRunning
{
    /// <summary>The capture process that saw it.</summary>
    public required string CaptureId { get; init; }

    /// <summary>Counted with the SIP messages of that process: <see cref="SipMessageCaptured.Sequence"/>.</summary>
    public required long Sequence { get; init; }

    /// <summary>The call, as <see cref="Calls.CallEvent.CallId"/> names it.</summary>
    public required string CallId { get; init; }

    /// <summary>The call's epoch: <see cref="Calls.CallEvent.StartedAt"/>.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Capture time of the packet.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Asks for a <see cref="SipMessageHandled"/>: a capture that reads a file waits for it, so that no timer overtakes this.</summary>
    public bool AnswerRequested { get; init; }
}
