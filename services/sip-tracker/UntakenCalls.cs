using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Messaging.Media;
using Microsoft.Extensions.Options;

namespace CallMirror.SipTracker;

/// <summary>
/// The calls that ended within <see cref="Kept"/>. Where no gateway was up when one ended, its audio still waits in its lane, and a gateway that comes later is told
/// of it. Not stored: after a restart only those that the tracker still has are known. Safe for several threads.
/// </summary>
internal sealed class UntakenCalls(IMediaBus media, IOptions<SipTrackerOptions> options, TimeProvider time)
{
    /// <summary>As long as a lane keeps audio by default; older audio has fallen off.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    // Five minutes of thirty calls a second; beyond it the oldest are forgotten.
    private const int MaxCalls = 10_000;

    private readonly Queue<EndedCall> _calls = new();
    private readonly Lock _lock = new();

    /// <summary>A call is over.</summary>
    public void Add(MediaNegotiated negotiated, CallEnded ended)
    {
        if (!negotiated.HasClearAudio())
            return;
        lock (_lock)
        {
            Expire();
            if (_calls.Count == MaxCalls)
                _calls.Dequeue();
            _calls.Enqueue(new EndedCall(negotiated, ended, time.GetTimestamp()));
        }
    }

    /// <summary>What a gateway has to hear of those whose lanes are still there, in order.</summary>
    public async Task<IReadOnlyList<CallEvent>> WithLanesAsync(CancellationToken cancellationToken)
    {
        EndedCall[] calls;
        lock (_lock)
        {
            Expire();
            calls = [.. _calls];
        }

        List<CallEvent> events = [];
        foreach (var call in calls)
            if (await HasLaneAsync(CallKey.Of(call.Negotiated), cancellationToken))
                events.AddRange([call.Negotiated, call.Ended]);
        return events;
    }

    private async Task<bool> HasLaneAsync(CallKey call, CancellationToken cancellationToken)
    {
        foreach (string group in options.Value.LaneGroups)
            if (await media.HasLaneAsync(group, call, cancellationToken))
                return true;
        return false;
    }

    private void Expire()
    {
        while (_calls.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) > Kept)
            _calls.Dequeue();
    }

    private readonly record struct EndedCall(MediaNegotiated Negotiated, CallEnded Ended, long At);
}
