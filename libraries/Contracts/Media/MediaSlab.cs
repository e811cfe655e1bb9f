using System.Numerics;

namespace CallMirror.Contracts.Media;

/// <summary>
/// A megabyte that messages share, by pages of a kilobyte: a bit a page says whether it is lent. Where runs go back, they are one with what is free beside them, so that
/// messages of any length fit in where others were. Not thread-safe.
/// </summary>
internal sealed class MediaSlab
{
    /// <summary>Bytes of a page.</summary>
    public const int PageBytes = 1 << PageBits;

    /// <summary>Pages of a slab.</summary>
    public const int Pages = Words * WordBits;

    /// <summary>Bytes of a slab.</summary>
    public const int LengthBytes = Pages * PageBytes;

    private const int PageBits = 10;
    private const int Words = 16;
    private const int WordBits = 64;

    private readonly ulong[] _lent = new ulong[Words];
    private int _next;

    // So many pages in a row were looked for in vain, and none has come back since.
    private int _inVain = int.MaxValue;

    /// <summary>The memory. Nothing moves it, and what is in it is not cleared.</summary>
    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(LengthBytes, pinned: true);

    /// <summary>Pages that are lent.</summary>
    public int LentPages { get; private set; }

    /// <summary>Pages that so many bytes take.</summary>
    public static int PagesFor(int bytes) => Math.Max(1, (bytes + PageBytes - 1) >> PageBits);

    /// <summary>Lends pages in a row, the first free ones behind those lent last; returns the first, or -1.</summary>
    public int Lend(int pages)
    {
        if (pages >= _inVain || pages > Pages - LentPages)
            return -1;
        int first = Find(pages, _next);
        if (first < 0)
            first = Find(pages, 0);
        if (first < 0)
        {
            _inVain = pages;
            return -1;
        }

        Mark(first, pages, lent: true);
        LentPages += pages;
        _next = first + pages;
        return first;
    }

    /// <summary>Takes pages back.</summary>
    /// <exception cref="InvalidOperationException">Some of them are not lent.</exception>
    public void TakeBack(int first, int pages)
    {
        Mark(first, pages, lent: false);
        LentPages -= pages;
        _inVain = int.MaxValue;
    }

    private int Find(int pages, int from)
    {
        while (from + pages <= Pages)
        {
            int begin = NextOf(from, lent: false);
            if (begin + pages > Pages)
                return -1;
            int end = NextOf(begin, lent: true);
            if (end - begin >= pages)
                return begin;
            from = end;
        }

        return -1;
    }

    // The next page from a page on that is lent, or is not; the number of pages where there is none.
    private int NextOf(int page, bool lent)
    {
        for (int word = page / WordBits; word < Words; word++)
        {
            ulong bits = lent ? _lent[word] : ~_lent[word];
            if (word == page / WordBits)
                bits &= ulong.MaxValue << (page % WordBits);
            if (bits != 0)
                return (word * WordBits) + BitOperations.TrailingZeroCount(bits);
        }

        return Pages;
    }

    private void Mark(int first, int pages, bool lent)
    {
        for (int page = first; page < first + pages;)
        {
            int within = page % WordBits;
            int count = Math.Min(WordBits - within, first + pages - page);
            ulong mask = (count == WordBits ? ulong.MaxValue : (1UL << count) - 1) << within;
            ref ulong word = ref _lent[page / WordBits];
            if ((word & mask) != (lent ? 0 : mask))
                throw new InvalidOperationException($"pages {first} to {first + pages} of a slab were {(lent ? "lent" : "given back")} twice");
            word ^= mask;
            page += count;
        }
    }
}
