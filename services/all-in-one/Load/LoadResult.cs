using CallMirror.Capture.Synthetic;

namespace CallMirror.AllInOne.Load;

/// <summary>One second of a load.</summary>
/// <param name="Second">Since the first call.</param>
/// <param name="Streams">Streams that were open.</param>
/// <param name="P50">Latency of the frames of this second, in milliseconds; null where there were none.</param>
/// <param name="P99">The same, of the slowest hundredth.</param>
/// <param name="Depths">What waited in queues.</param>
/// <param name="Memory">Resident bytes of each process.</param>
internal sealed record LoadSample(double Second, int Streams, int? P50, int? P99, QueueDepths Depths, IReadOnlyList<ProcessMemory> Memory)
{
    /// <summary>Resident bytes of one process; 0 where it was not there.</summary>
    public long BytesOf(string process) => Memory.FirstOrDefault(one => one.Name == process).Bytes;
}

/// <summary>What a process had at a moment.</summary>
internal readonly record struct ProcessMemory(string Name, long Bytes);

/// <summary>Milliseconds from a packet to its frame at the listener.</summary>
internal sealed record LoadLatency(int? P50, int? P99, double Max)
{
    public static LoadLatency Of(LatencyHistogram histogram) => new(histogram.Percentile(0.5), histogram.Percentile(0.99), histogram.Max);
}

/// <summary>What a process used.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Cores">Of processors, while all calls were up: 1 is one whole core.</param>
/// <param name="PeakBytes">The most memory that it had.</param>
internal sealed record LoadProcess(string Name, double Cores, long PeakBytes);

/// <summary>What a listener with a trouble saw of the gateway beside those that work.</summary>
internal sealed record LoadBeside(Trouble Trouble, long Connections, double ConnectionsAMinute);

/// <summary>What a load showed. Samples are counted at 16 kHz.</summary>
internal sealed record LoadResult
{
    public required LoadPlan Plan { get; init; }

    /// <summary>embedded, persistent or transient.</summary>
    public required string Shape { get; init; }

    public required LoadIntake Intake { get; init; }

    public required long SamplesOut { get; init; }

    /// <summary>Samples that should have come and did not, or as silence.</summary>
    public required long Lost { get; init; }

    /// <summary>Samples that are not those that were said.</summary>
    public required long Different { get; init; }

    /// <summary>Frames that took half a second or more.</summary>
    public required long Late { get; init; }

    public required int StreamsEnded { get; init; }

    public required int Strangers { get; init; }

    public required LoadLatency Latency { get; init; }

    public required LoadLatency First { get; init; }

    public required IReadOnlyList<LoadProcess> Processes { get; init; }

    public required IReadOnlyList<LoadSample> Samples { get; init; }

    public IReadOnlyList<LoadBeside> Beside { get; init; } = [];

    /// <summary>What broke, or who stopped it; null where it went to its end.</summary>
    public string? Interruption { get; init; }

    /// <summary>
    /// What a call adds to a process's memory: how much more it had at the most while all were up than when a fifth of them were, and all that a process needs for any
    /// call was there. What it needs for calls to end is none of theirs.
    /// </summary>
    public long BytesPerCall(LoadProcess process)
    {
        var few = Samples.FirstOrDefault(sample => sample.Streams >= 2 * Plan.Calls / 5);
        int most = Samples.Count == 0 ? 0 : Samples.Max(sample => sample.Streams);
        int more = (most - (few?.Streams ?? 0)) / 2;
        return few is null || more == 0 ? 0 : Math.Max(0, Samples.Where(sample => sample.Streams == most).Max(sample => sample.BytesOf(process.Name)) - few.BytesOf(process.Name)) / more;
    }

    public double Cores => Processes.Sum(process => process.Cores);

    public QueueDepths Deepest => Samples.Count == 0 ? default : Samples.MaxBy(sample => sample.Depths.Total)!.Depths;

    /// <summary>Why the machine does not carry it, in a sentence; null where it does.</summary>
    public string? Failure => this switch
    {
        { Lost: > 0 } or { Different: > 0 } => $"{Lost} samples were lost and {Different} were not what was said",
        { Interruption: not null } => Interruption,
        _ when StreamsEnded < 2 * Plan.Calls => $"{(2 * Plan.Calls) - StreamsEnded} of {2 * Plan.Calls} streams have not ended",
        { Strangers: > 0 } => $"{Strangers} streams came that nobody had made up",
        _ => null,
    };
}
