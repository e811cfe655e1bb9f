using CallMirror.Capture.Sources;
using CallMirror.Contracts;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Synthetic;

/// <summary>
/// An interface on which made-up calls are heard: the first begins at the first read, each packet comes when its time has come and bears that time,
/// and after the last the line is quiet. A packet that is read late has waited, as in a kernel's ring.
/// </summary>
public sealed class LoadSource(LoadPlan plan, TimeProvider time) : IPacketSource
{
    private const long NanosecondsPerTick = 100;
    private const long NanosecondsPerMicrosecond = 1000;

    private readonly LoadFrames _frames = new(plan);
    private readonly int[] _steps = new int[plan.Calls];
    private readonly PriorityQueue<int, long> _next = new(plan.Calls);
    private readonly int _lastStep = LoadCall.Steps(plan) - 1;
    private long _beginNs = -1;
    private long _nowNs;
    private long _packets;
    private long _bytes;

    /// <inheritdoc/>
    public bool IsLive => true;

    /// <inheritdoc/>
    public SourceFigures Figures => new(Volatile.Read(ref _packets), Volatile.Read(ref _bytes), BytesTotal: 0, DroppedByKernel: 0, DroppedByInterface: 0);

    /// <inheritdoc/>
    public SourceStatus TryRead(out CapturedPacket packet)
    {
        packet = default;
        if (_beginNs < 0)
            Begin();
        if (!_next.TryPeek(out int call, out long dueNs) || !IsDue(dueNs))
            return SourceStatus.Idle;
        int step = _steps[call]++;
        if (step == _lastStep)
            _next.Dequeue();
        else
            _next.DequeueEnqueue(call, DueNs(call, step + 1));
        var frame = _frames.Write(call, step);
        _packets++;
        _bytes += frame.Length;
        packet = new CapturedPacket(LinkType.Ethernet, dueNs, frame);
        return SourceStatus.Packet;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Begin()
    {
        // Whole microseconds, so that every position is a whole sample.
        _beginNs = CaptureTime.ToNanoseconds(time.GetUtcNow()) / NanosecondsPerMicrosecond * NanosecondsPerMicrosecond;
        for (int call = 0; call < plan.Calls; call++)
            _next.Enqueue(call, DueNs(call, 0));
    }

    private long DueNs(int call, int step) => _beginNs + ((plan.BeginOf(call) + LoadCall.OffsetOf(step, plan)).Ticks * NanosecondsPerTick);

    // The clock is asked only where what it said last is not enough.
    private bool IsDue(long dueNs)
    {
        if (dueNs > _nowNs)
            _nowNs = CaptureTime.ToNanoseconds(time.GetUtcNow());
        return dueNs <= _nowNs;
    }
}
