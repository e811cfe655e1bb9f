using CallMirror.Contracts.Calls;

namespace CallMirror.Scripts.Tests.Product;

/// <summary>The name of a stream.</summary>
internal readonly record struct StreamName(string CallId, long EpochNs, int Role);

/// <summary>Audio without a gap.</summary>
internal sealed record HeardRun(long Position, List<byte> Bytes);

/// <summary>All that came out of a stream, in the order in which it came.</summary>
internal sealed class HeardStream
{
    public List<HeardRun> Runs { get; } = [];

    public List<int> Digits { get; } = [];

    public EndReason? Ended { get; private set; }

    public long EndedAt { get; private set; }

    public void Add(long position, ReadOnlySpan<byte> bytes)
    {
        if (Runs is not [.., var last] || last.Position + last.Bytes.Count != position)
            Runs.Add(last = new HeardRun(position, []));
        last.Bytes.AddRange(bytes);
    }

    public void End(long position, EndReason reason) => (EndedAt, Ended) = (position, reason);

    /// <summary>Null where both are the same; else in what they differ.</summary>
    public string? DifferenceFrom(HeardStream other)
    {
        for (int i = 0; i < Math.Max(Runs.Count, other.Runs.Count); i++)
        {
            var (mine, its) = (Runs.ElementAtOrDefault(i), other.Runs.ElementAtOrDefault(i));
            if (mine is null || its is null || mine.Position != its.Position || mine.Bytes.Count != its.Bytes.Count)
                return $"run {i}: {Name(mine)} and {Name(its)}";
            if (!mine.Bytes.SequenceEqual(its.Bytes))
                return $"run {i} at {mine.Position}: other bytes";
        }

        if (!Digits.SequenceEqual(other.Digits))
            return $"keys {string.Join(' ', Digits)} and {string.Join(' ', other.Digits)}";
        return (Ended, EndedAt) == (other.Ended, other.EndedAt) ? null : $"ended {Ended} at {EndedAt} and {other.Ended} at {other.EndedAt}";
    }

    private static string Name(HeardRun? run) => run is null ? "none" : $"{run.Bytes.Count} samples at {run.Position}";
}
