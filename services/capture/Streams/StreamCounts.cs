namespace CallMirror.Capture.Streams;

/// <summary>What happened to the packets of one stream.</summary>
internal struct StreamCounts
{
    public long Packets;
    public long Samples;
    public long Lost;
    public long Duplicates;
    public long Late;
    public long Reordered;
    public int Stretches;
}
