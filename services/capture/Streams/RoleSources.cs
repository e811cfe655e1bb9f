using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Streams;

/// <summary>The sources that have sent to one role lately, each with its order.</summary>
internal sealed class RoleSources(long reorderWaitNs)
{
    // A call changes its SSRC once in a while; more at a time than this is noise.
    private const int MaxSources = 8;

    private readonly List<SourceOrder> _sources = [];

    /// <summary>The source of the last packet stands last, and the one that was silent longest first.</summary>
    public List<SourceOrder> All => _sources;

    /// <summary>The source of a packet; one that is new takes the place of the one that was silent longest, whose packets are handed on.</summary>
    public SourceOrder Of(Ssrc ssrc, ref StreamCounts counts, SourceOrder.Receiver receiver)
    {
        if (_sources is [.., var latest] && latest.Ssrc == ssrc)
            return latest;
        return Find(ssrc) is { } known ? MoveLast(known) : Add(ssrc, ref counts, receiver);
    }

    /// <summary>The source whose packets have waited longest; null where none wait.</summary>
    public SourceOrder? FirstDue()
    {
        SourceOrder? first = null;
        foreach (var source in _sources)
            if (source.IsHolding && (first is null || source.DueNs < first.DueNs))
                first = source;
        return first;
    }

    /// <summary>A source by its SSRC, or null.</summary>
    public SourceOrder? Find(Ssrc ssrc)
    {
        foreach (var source in _sources)
            if (source.Ssrc == ssrc)
                return source;
        return null;
    }

    private SourceOrder MoveLast(SourceOrder source)
    {
        _sources.Remove(source);
        _sources.Add(source);
        return source;
    }

    private SourceOrder Add(Ssrc ssrc, ref StreamCounts counts, SourceOrder.Receiver receiver)
    {
        if (_sources.Count == MaxSources)
        {
            _sources[0].Flush(ref counts, receiver);
            _sources.RemoveAt(0);
        }

        var source = new SourceOrder(ssrc, reorderWaitNs);
        _sources.Add(source);
        return source;
    }
}
