namespace CallMirror.AllInOne.Load;

/// <summary>How many frames took how long, to the millisecond. Written by many at once.</summary>
internal sealed class LatencyHistogram
{
    // Longer ones are counted as so long; the maximum is kept apart.
    private const int MaxMilliseconds = 60_000;

    private readonly int[] _counts = new int[MaxMilliseconds + 1];
    private long _maxNs;

    /// <summary>Frames counted.</summary>
    public long Count => _counts.Sum(static count => (long)count);

    /// <summary>The longest, in milliseconds.</summary>
    public double Max => Interlocked.Read(ref _maxNs) / 1e6;

    public void Record(long nanoseconds)
    {
        Interlocked.Increment(ref _counts[Math.Clamp(nanoseconds / 1_000_000, 0, MaxMilliseconds)]);
        long max;
        while (nanoseconds > (max = Interlocked.Read(ref _maxNs)) && Interlocked.CompareExchange(ref _maxNs, nanoseconds, max) != max)
        {
            // Somebody else had a longer one meanwhile, or not.
        }
    }

    /// <summary>What a share of the frames did not exceed, in whole milliseconds, rounded up; null where there are none.</summary>
    /// <param name="share">From 0 to 1: 0.5 for the median.</param>
    public int? Percentile(double share)
    {
        long count = Count;
        long rank = Math.Max(1, (long)Math.Ceiling(count * share));
        long seen = 0;
        for (int i = 0; i <= MaxMilliseconds && count > 0; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
                return i + 1;
        }

        return null;
    }

    /// <summary>Frames that took so many milliseconds or more.</summary>
    public long CountFrom(int milliseconds) => _counts.AsSpan(milliseconds).ToArray().Sum(static count => (long)count);

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        Interlocked.Exchange(ref _maxNs, 0);
    }
}
