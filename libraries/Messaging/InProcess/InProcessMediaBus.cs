using System.Collections.Concurrent;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Media;
using Microsoft.Extensions.Options;

namespace CallMirror.Messaging.InProcess;

/// <summary>The media plane within one process: one bounded work queue, one bounded queue a lane, one a tap.</summary>
public sealed class InProcessMediaBus : IMediaBus, IDisposable
{
    private readonly ConcurrentDictionary<CallKey, InProcessQueue[]> _queuesByCall = [];
    private readonly ConcurrentDictionary<(string Group, CallKey Call), InProcessQueue> _lanes = [];
    private readonly Lock _topology = new();
    private readonly InProcessMediaOptions _options;
    private readonly MediaBusMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly InProcessQueue _work;
    private TaskCompletionSource _noLanes = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A bus with an empty work queue and no lanes.</summary>
    public InProcessMediaBus(IOptions<InProcessMediaOptions> options, MediaBusMetrics metrics, TimeProvider time)
    {
        _options = options.Value;
        (_metrics, _time) = (metrics, time);
        _work = new InProcessQueue(Exchanges.TranscoderQueue, _options.WorkQueueLength, _options.WhenFull, metrics, time);
    }

    /// <summary>Lanes that are open.</summary>
    public int LaneCount => _lanes.Count;

    /// <summary>Messages in the work queue and in all lanes.</summary>
    public (long Work, long Lanes) Waiting => (_work.Count, _lanes.Values.Sum(static lane => (long)lane.Count));

    /// <summary>How long the oldest batch has waited for a transcoder.</summary>
    public TimeSpan PublishLag => _work.Lag;

    /// <summary>Completes when no lane is open: everything published has been dealt with.</summary>
    public Task WhenNoLanesAsync(CancellationToken cancellationToken)
    {
        lock (_topology)
            return _lanes.IsEmpty ? Task.CompletedTask : _noLanes.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask PublishBatchAsync(string callId, MediaBuffer batch, CancellationToken cancellationToken) =>
        _work.WriteAsync(batch, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PublishChunkAsync(CallKey call, MediaBuffer chunk, CancellationToken cancellationToken)
    {
        if (!_queuesByCall.TryGetValue(call, out var targets))
        {
            _metrics.Dropped(Exchanges.Pcm, "no-lane");
            chunk.Dispose();
            return ValueTask.CompletedTask;
        }

        return targets.Length == 1 ? targets[0].WriteAsync(chunk, cancellationToken) : FanOutAsync(targets, chunk, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IMediaConsumer> ConsumeBatchesAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IMediaConsumer>(new InProcessConsumer(Exchanges.TranscoderQueue, _work, _metrics));

    /// <inheritdoc/>
    public ValueTask OpenLaneAsync(string group, CallKey call, CancellationToken cancellationToken)
    {
        lock (_topology)
        {
            if (_lanes.ContainsKey((group, call)))
                return ValueTask.CompletedTask;
            var lane = new InProcessQueue("lane", _options.LaneLength, _options.WhenFull, _metrics, _time);
            _lanes[(group, call)] = lane;
            Bind(call, lane);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> HasLaneAsync(string group, CallKey call, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_lanes.ContainsKey((group, call)));

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The lane is not open.</exception>
    public ValueTask<IMediaConsumer> ConsumeLaneAsync(string group, CallKey call, CancellationToken cancellationToken) =>
        _lanes.TryGetValue((group, call), out var lane)
            ? ValueTask.FromResult<IMediaConsumer>(new InProcessConsumer("lane", lane, _metrics))
            : throw new InvalidOperationException($"the lane of call {call} in group {group} is not open");

    /// <inheritdoc/>
    public ValueTask DeleteLaneAsync(string group, CallKey call, CancellationToken cancellationToken)
    {
        lock (_topology)
        {
            if (!_lanes.TryRemove((group, call), out var lane))
                return ValueTask.CompletedTask;
            Unbind(call, lane);
            if (_lanes.IsEmpty)
            {
                _noLanes.TrySetResult();
                _noLanes = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IMediaConsumer> TapAsync(CallKey call, CancellationToken cancellationToken)
    {
        var tap = new InProcessQueue("tap", _options.TapLength, WhenFull.DropOldest, _metrics, _time);
        lock (_topology)
            Bind(call, tap);
        return ValueTask.FromResult<IMediaConsumer>(new InProcessConsumer("tap", tap, _metrics, Leave));

        void Leave()
        {
            lock (_topology)
                Unbind(call, tap);
        }
    }

    /// <summary>Gives all messages back.</summary>
    public void Dispose()
    {
        _work.Dispose();
        foreach (var queue in _queuesByCall.Values.SelectMany(queues => queues))
            queue.Dispose();
    }

    private void Bind(in CallKey call, InProcessQueue queue) => _queuesByCall[call] = [.. _queuesByCall.GetValueOrDefault(call, []), queue];

    private void Unbind(in CallKey call, InProcessQueue queue)
    {
        InProcessQueue[] others = [.. _queuesByCall.GetValueOrDefault(call, []).Where(other => other != queue)];
        if (others.Length > 0)
            _queuesByCall[call] = others;
        else
            _queuesByCall.TryRemove(call, out _);
        queue.Dispose();
    }

    private static async ValueTask FanOutAsync(InProcessQueue[] targets, MediaBuffer chunk, CancellationToken cancellationToken)
    {
        for (int i = 1; i < targets.Length; i++)
            chunk.AddReference();
        int taken = 0;
        try
        {
            // A write takes its reference over even where it fails.
            while (taken < targets.Length)
                await targets[taken++].WriteAsync(chunk, cancellationToken);
        }
        finally
        {
            for (; taken < targets.Length; taken++)
                chunk.Dispose();
        }
    }
}
