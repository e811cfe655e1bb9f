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

    // What was in use is forgotten bit by bit: half of it within so many messages, a second at a thousand calls.
    private const long Memory = 16_384;

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
            for (int tried = 0; tried < _slabs.Count; tried++)
            {
                if (LendOf(_slabs[_current], pages) is { Array: not null } run)
                    return run;
                _current = (_current + 1) % _slabs.Count;
            }

            _current = _slabs.Count;
            _slabs.Add(new MediaSlab());
            _unused++;
            return LendOf(_slabs[_current], pages);
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
        long needed = _lately + (_lately / PartForGaps) + MediaSlab.LengthBytes;
        while (_unused > 0 && _slabs.Count * (long)MediaSlab.LengthBytes > needed)
        {
            _slabs.RemoveAt(_slabs.FindIndex(static slab => slab.LentPages == 0));
            _current = _slabs.Count == 0 ? 0 : _current % _slabs.Count;
            _unused--;
        }
    }
}
