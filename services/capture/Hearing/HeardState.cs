namespace CallMirror.Capture.Hearing;

/// <summary>What an interface hears.</summary>
internal enum HeardState
{
    /// <summary>Nothing for a while that is normal on this line.</summary>
    Quiet,

    /// <summary>No packet since the start.</summary>
    NoPackets,

    /// <summary>Packets, but none of calls since the start.</summary>
    NeitherSipNorRtp,

    /// <summary>Calls were heard, and no packet comes any more.</summary>
    NoMorePackets,

    /// <summary>Calls were heard, and what packets come are not of calls.</summary>
    NoMoreCalls,

    /// <summary>SIP, and no call that should have RTP.</summary>
    SipAlone,

    /// <summary>SIP of answered calls, and no RTP.</summary>
    SipButNoRtp,

    /// <summary>RTP, and no SIP that goes with it.</summary>
    RtpButNoSip,

    /// <summary>RTP of one side only, in as many calls as have both or more.</summary>
    RtpOneWay,

    /// <summary>SIP and RTP.</summary>
    Well,
}
