using System.Numerics;

namespace CallMirror.Contracts.Media;

/// <summary>
/// The arrays of <see cref="MediaBuffer"/>, used again. What an array is used for is held for a second at most, but by thousands of messages at a time,
/// so the spare ones follow what is in use: too few of them, and each that is missing becomes garbage that has lived long and is dear to collect;
/// kept for ever, and a process that was busy once would stay large.
/// </summary>
/// <remarks>
/// Sizes are a quarter of a power of two apart, so that a tenth of an array is unused, and not a quarter. Longer ones than <see cref="LongestKept"/> are
/// not kept. Any thread may call.
/// </remarks>
internal sealed class MediaArrays
{
    /// <summary>Bytes of the longest arrays that are kept.</summary>
    public const int LongestKept = 1 << 20;

    private const int Shortest = 1 << ShortestBits;
    private const int ShortestBits = 10;
    private const int StepBits = 2;

    // Windows end in turns, and listeners acknowledge when they like: what is in use goes up and down by less than that.
    private const int SpareShare = 4;
    private const int SpareAtLeast = 16;

    private readonly Shelf[] _shelves;

    public MediaArrays()
    {
        _shelves = new Shelf[ShelfOf(LongestKept, out _) + 1];
        for (int i = 0; i < _shelves.Length; i++)
            _shelves[i] = new Shelf();
    }

    /// <summary>Arrays that are kept for use.</summary>
    public int SpareCount => _shelves.Sum(shelf => shelf.SpareCount);

    /// <summary>An array of at least <paramref name="length"/> bytes, of unspecified content.</summary>
    public byte[] Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return length > LongestKept ? GC.AllocateUninitializedArray<byte>(length) : _shelves[ShelfOf(length, out int bytes)].Take(bytes);
    }

    /// <summary>Gives an array back that <see cref="Rent"/> has given; nobody may use it any more.</summary>
    public void Return(byte[] array)
    {
        if (array.Length <= LongestKept)
            _shelves[ShelfOf(array.Length, out _)].Put(array);
    }

    // The lengths between two powers of two are four: 1280, 1536, 1792, 2048; 2560 and so on.
    private static int ShelfOf(int length, out int bytes)
    {
        bytes = Shortest;
        if (length <= Shortest)
            return 0;
        int power = BitOperations.Log2((uint)length - 1);
        int step = power - StepBits;
        int steps = (length - 1) >> step;
        bytes = (steps + 1) << step;
        return ((power - ShortestBits) << StepBits) + steps - (1 << StepBits) + 1;
    }

    private sealed class Shelf
    {
        private readonly Lock _lock = new();
        private readonly Stack<byte[]> _spare = [];
        private int _lent;

        public int SpareCount
        {
            get
            {
                lock (_lock)
                    return _spare.Count;
            }
        }

        public byte[] Take(int bytes)
        {
            lock (_lock)
            {
                _lent++;
                if (_spare.TryPop(out byte[]? spare))
                    return spare;
            }

            return GC.AllocateUninitializedArray<byte>(bytes);
        }

        public void Put(byte[] array)
        {
            lock (_lock)
            {
                _lent--;
                int limit = SpareAtLeast + (_lent / SpareShare);
                if (_spare.Count < limit)
                    _spare.Push(array);
                else if (_spare.Count > limit)
                    _spare.Pop();
            }
        }
    }
}
