using System.Numerics;

namespace CallMirror.Contracts.Media;

/// <summary>
/// The arrays of <see cref="MediaBuffer"/>, used again. Each is held for a second at most, but thousands are at a time: an array that is missing becomes
/// garbage that has lived long and is dear to collect. So as many are kept as were in use lately, and no more: a process that was busy once does not
/// stay large.
/// </summary>
/// <remarks>
/// Lengths are a quarter of a power of two apart, so that a tenth of an array is unused, and not a quarter. Longer ones than <see cref="LongestKept"/>
/// are not kept. Any thread may call.
/// </remarks>
internal sealed class MediaArrays
{
    /// <summary>Bytes of the longest arrays that are kept.</summary>
    public const int LongestKept = 1 << 20;

    /// <summary>Bytes that may always be kept.</summary>
    public const int KeptAtLeast = 1 << 20;

    private const int Shortest = 1 << ShortestBits;
    private const int ShortestBits = 10;
    private const int StepBits = 2;

    // Where windows become shorter, the arrays of the longer ones serve until they are gone: twice as long at the most.
    private const int StepsToLonger = 1 << StepBits;

    // What was in use is forgotten bit by bit: half of it within so many arrays, a second at a thousand calls.
    private const int Memory = 16_384;

    private readonly Lock _lock = new();
    private readonly Stack<byte[]>[] _spare;
    private long _lentBytes;
    private long _spareBytes;
    private long _lately;
    private int _oldest;

    public MediaArrays()
    {
        _spare = new Stack<byte[]>[ShelfOf(LongestKept, out _) + 1];
        for (int i = 0; i < _spare.Length; i++)
            _spare[i] = [];
    }

    /// <summary>Bytes of the arrays that wait to be used.</summary>
    public long SpareBytes
    {
        get
        {
            lock (_lock)
                return _spareBytes;
        }
    }

    private long MayBeKept => Math.Max(_lately, KeptAtLeast);

    /// <summary>An array of at least <paramref name="length"/> bytes, of unspecified content.</summary>
    public byte[] Rent(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > LongestKept)
            return GC.AllocateUninitializedArray<byte>(length);
        int shelf = ShelfOf(length, out int bytes);
        lock (_lock)
        {
            byte[]? spare = TakeSpare(shelf);
            _lentBytes += spare?.Length ?? bytes;
            _lately = Math.Max(_lately, _lentBytes);
            if (spare is not null)
                return spare;
            MakeRoom();
        }

        // Where nothing is moved: a collection between would copy all of it, twice, just when there is too much to do.
        return GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
    }

    /// <summary>Gives an array back that <see cref="Rent"/> has given; nobody may use it any more.</summary>
    public void Return(byte[] array)
    {
        if (array.Length > LongestKept)
            return;
        int shelf = ShelfOf(array.Length, out _);
        lock (_lock)
        {
            _lentBytes -= array.Length;
            _lately -= (_lately - _lentBytes) / Memory;
            _spareBytes += array.Length;
            _spare[shelf].Push(array);
            MakeRoom();
        }
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

    private byte[]? TakeSpare(int shelf)
    {
        int longest = Math.Min(shelf + StepsToLonger, _spare.Length - 1);
        for (; shelf <= longest; shelf++)
        {
            if (!_spare[shelf].TryPop(out byte[]? spare))
                continue;
            _spareBytes -= spare.Length;
            return spare;
        }

        return null;
    }

    // From one shelf after the other: it must not be that of the array that has just come back, or lengths that nobody asks for any more would stay.
    private void MakeRoom()
    {
        while (_spareBytes > 0 && _lentBytes + _spareBytes > MayBeKept)
        {
            _oldest = (_oldest + 1) % _spare.Length;
            if (_spare[_oldest].TryPop(out byte[]? spare))
                _spareBytes -= spare.Length;
        }
    }
}
