namespace CallMirror.AllInOne.Load;

/// <summary>Messages that wait between the services.</summary>
/// <param name="Sip">SIP for sip-tracker.</param>
/// <param name="Work">Batches for the transcoders.</param>
/// <param name="Lanes">Chunks in all lanes; over a broker, estimated from some of them.</param>
internal readonly record struct QueueDepths(long Sip, long Work, long Lanes)
{
    public long Total => Sip + Work + Lanes;
}
