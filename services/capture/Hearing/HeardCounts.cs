namespace CallMirror.Capture.Hearing;

/// <summary>What has come from an interface since its capture began.</summary>
/// <param name="Packets">Packets of any kind.</param>
/// <param name="Sip">SIP messages.</param>
/// <param name="Rtp">RTP packets, of calls or not.</param>
/// <param name="Calls">The calls that are up now.</param>
internal readonly record struct HeardCounts(long Packets, long Sip, long Rtp, CallsHeard Calls);
