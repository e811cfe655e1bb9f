namespace CallMirror.Contracts.Naming;

/// <summary>The exchanges, all durable topic exchanges with the call-id as routing key.</summary>
public static class Exchanges
{
    /// <summary>SIP messages as captured.</summary>
    public const string Sip = "callmirror.sip";

    /// <summary>Media that no call claims.</summary>
    public const string MediaFound = "callmirror.media-found";

    /// <summary>Calls whose media runs.</summary>
    public const string MediaRunning = "callmirror.media-running";

    /// <summary>What sip-tracker has handled.</summary>
    public const string SipHandled = "callmirror.sip-handled";

    /// <summary>Before the name of a call event: <c>callmirror.calls.CallStarted</c>.</summary>
    public const string CallsPrefix = "callmirror.calls.";

    /// <summary>Who asks for the calls that are up.</summary>
    public const string CallsRequested = "callmirror.calls-requested";

    /// <summary>Control messages that could not be handled, or were dropped by a queue's limit: an exchange and the queue at it.</summary>
    public const string DeadControl = "callmirror.dead.control";

    /// <summary>Media messages that were set aside: an exchange and the queue at it.</summary>
    public const string DeadMedia = "callmirror.dead";

    /// <summary>sip-tracker's queue: SIP messages, and requests for the calls that are up.</summary>
    public const string SipTrackerQueue = "callmirror.sip-tracker";

    /// <summary>RTP batches.</summary>
    public const string Rtp = "callmirror.rtp";

    /// <summary>L16 chunks.</summary>
    public const string Pcm = "callmirror.pcm";

    /// <summary>The transcoders' work queue.</summary>
    public const string TranscoderQueue = "callmirror.transcoder";
}
