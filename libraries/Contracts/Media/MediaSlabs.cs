namespace CallMirror.Contracts.Media;

/// <summary>
/// The memory of <see cref="MediaBuffer"/>. A message is held for a second at most, but thousands are at a time, of lengths that change with the windows: arrays for
/// each would be garbage that has lived long, or be kept for each length that ever was. So they share slabs, one after the other: by the time that all have been gone through,
/// the first are free again.
/// </summary>
/// <remarks>As many slabs are kept as were in use lately, and a quarter more. Any thread may call.</remarks>
internal sealed class MediaSlabs
{
    /// <summary>Longer ones get an array of their own.</summary>
    public const int LongestShared = MediaSlab.LengthBytes / 2;

    // What was in use is forgotten bit by bit: most of it within so many messages, a quarter of a minute at a thousand calls. Brokers stall for a moment every few seconds; a
    // slab that is let go between is garbage, and the next is made anew long before the collector takes it.
    private const long Memory = 131_072;

    // Between those that are lent some pages are always too few for the next.
    private const int PartForGaps = 4;

    private readonly Lock _lock = new();
    private readonly List<MediaSlab> _slabs = [];
    private long _lentBytes;
    private long _lately;
    private int _current;
    private int _unused;

    /// <summary>Slabs that there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _slabs.Count;
        }
    }

    private int SlabsNeeded => (int)((_lately + (_lately / PartForGaps)) / MediaSlab.LengthBytes) + 1;

    // So many, lent lately, make as many slabs needed.
    private static long BytesIn(int slabs) => (long)slabs * MediaSlab.LengthBytes * PartForGaps / (PartForGaps + 1);

    /// <summary>Lends at least so many bytes, of unspecified content.</summary>
    public LentMemory Lend(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes > LongestShared)
            return new LentMemory(GC.AllocateUninitializedArray<byte>(bytes), 0, bytes, null);
        int pages = MediaSlab.PagesFor(bytes);
        lock (_lock)
        {
            _lentBytes += pages * MediaSlab.PageBytes;
            _lately = Math.Max(_lately, _lentBytes);
            var run = LendFromSlabs(pages);
            if (run.Array is not null)
                return run;
            var slab = new MediaSlab();
            _slabs.Add(slab);
            _unused++;
            // It was needed, whatever the sum says: it would be let go at once, and made again.
            _lately = Math.Max(_lately, BytesIn(_slabs.Count));
            return LendOf(slab, pages);
        }
    }

    /// <summary>Takes memory back; nobody may use it any more.</summary>
    /// <exception cref="InvalidOperationException">It is not lent.</exception>
    public void TakeBack(in LentMemory run)
    {
        if (run.Slab is not { } slab)
            return;
        int pages = run.Length / MediaSlab.PageBytes;
        lock (_lock)
        {
            slab.TakeBack(run.Offset / MediaSlab.PageBytes, pages);
            _lentBytes -= run.Length;
            _lately -= (_lately - _lentBytes) / Memory;
            if (slab.LentPages == 0)
                _unused++;
            LetGo();
        }
    }

    // One after the other; those that are more than needed come last, so that they become empty.
    private LentMemory LendFromSlabs(int pages)
    {
        int needed = Math.Min(_slabs.Count, SlabsNeeded);
        for (int tried = 0; tried < _slabs.Count; tried++)
        {
            int at = tried < needed ? (_current + tried) % needed : tried;
            var run = LendOf(_slabs[at], pages);
            if (run.Array is null)
                continue;
            if (tried < needed)
                _current = at;
            return run;
        }

        return default;
    }

    private LentMemory LendOf(MediaSlab slab, int pages)
    {
        bool wasUnused = slab.LentPages == 0;
        int first = slab.Lend(pages);
        if (first < 0)
            return default;
        _unused -= wasUnused ? 1 : 0;
        return new LentMemory(slab.Bytes, first * MediaSlab.PageBytes, pages * MediaSlab.PageBytes, slab);
    }

    private void LetGo()
    {
        while (_unused > 0 && _slabs.Count > SlabsNeeded)
        {
            _slabs.RemoveAt(_slabs.FindLastIndex(static slab => slab.LentPages == 0));
            _unused--;
        }
    }
}
