using CallMirror.Contracts.Media;

namespace CallMirror.WsGateway.Assembly;

/// <summary>The captures that send chunks of a call: mostly one, two where one stands by or each hears one host, more where they are restarted.</summary>
internal sealed class CallSources(ChunkLimits limits, HeldBytes bytes)
{
    /// <summary>More at a time than this nobody has.</summary>
    public const int Max = 4;

    /// <summary>Capture time after which a source that has sent nothing is not waited for: its process died.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private const long NanosecondsPerTick = 100;

    private readonly List<CallSource> _sources = new(1);
    private long _newest = long.MinValue;

    /// <summary>The sources, in the order of their slots.</summary>
    public List<CallSource> All => _sources;

    /// <summary>The source of a chunk; null where there are too many.</summary>
    /// <param name="header">The chunk's header.</param>
    /// <param name="isNew">It has sent nothing before; its slot may have been another's.</param>
    public CallSource? Find(in MediaHeader header, out bool isNew)
    {
        isNew = false;
        _newest = Math.Max(_newest, header.CapturedAt);
        var source = Known(header.Source);
        if (source is null && FreeSlot() is { } slot)
        {
            isNew = true;
            source = new CallSource(header.Source, slot, new ChunkOrder(limits, bytes));
            if (slot == _sources.Count)
                _sources.Add(source);
            else
                _sources[slot] = source;
        }

        source?.CapturedAt = Math.Max(source.CapturedAt, header.CapturedAt);
        return source;
    }

    /// <summary>It has sent something not long ago.</summary>
    public bool IsActive(CallSource source) => _newest - source.CapturedAt < Silence.Ticks * NanosecondsPerTick;

    private CallSource? Known(uint id)
    {
        foreach (var source in _sources)
            if (source.Id == id)
                return source;
        return null;
    }

    // Where all are taken, that of a source that was silent longest, unless all are needed.
    private int? FreeSlot()
    {
        if (_sources.Count < Max)
            return _sources.Count;
        CallSource? oldest = null;
        foreach (var source in _sources)
            if (!IsActive(source) && source.IsIdle && (oldest is null || source.CapturedAt < oldest.CapturedAt))
                oldest = source;
        return oldest?.Slot;
    }
}
