using CallMirror.Capture.Synthetic;

namespace CallMirror.AllInOne.Load;

/// <summary>What the listener has heard of all streams: how many samples, which of them wrong, and how late. Written by many connections at once.</summary>
internal sealed class LoadTally
{
    /// <summary>Whoever waits longer than this for what was said, in milliseconds, calls it late.</summary>
    public const int LateFrom = 500;

    private readonly MeasuredStream[] _streams;
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _begun;
    private int _ended;
    private int _strangers;

    public LoadTally(LoadPlan plan)
    {
        Plan = plan;
        _streams = [.. Enumerable.Range(0, 2 * plan.Calls).Select(i => new MeasuredStream(this, i / 2, i % 2))];
    }

    public LoadPlan Plan { get; }

    /// <summary>From the packet that holds a frame's last sample to the frame at the listener.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>The same of the latest second.</summary>
    public LatencyHistogram Recent { get; } = new();

    /// <summary>The same of the first frame of each stream, which waited for its call to be known.</summary>
    public LatencyHistogram First { get; } = new();

    /// <summary>Completes when every stream has ended.</summary>
    public Task AllEnded => _allEnded.Task;

    public int Begun => Volatile.Read(ref _begun);

    public int Ended => Volatile.Read(ref _ended);

    /// <summary>Streams that nobody made up.</summary>
    public int Strangers => Volatile.Read(ref _strangers);

    public IReadOnlyList<MeasuredStream> Streams => _streams;

    /// <summary>The stream of a <c>start</c>; null where it is none of the load's.</summary>
    public MeasuredStream? Find(string callId, int role)
    {
        if (LoadCall.TryParseId(callId, out int call) && call < Plan.Calls && role is 0 or 1)
            return _streams[(2 * call) + role];
        Interlocked.Increment(ref _strangers);
        return null;
    }

    public void StreamBegan() => Interlocked.Increment(ref _begun);

    public void StreamEnded()
    {
        if (Interlocked.Increment(ref _ended) == _streams.Length)
            _allEnded.TrySetResult();
    }

    public void Record(long latencyNs, bool isFirst)
    {
        Latency.Record(latencyNs);
        Recent.Record(latencyNs);
        if (isFirst)
            First.Record(latencyNs);
    }
}
