using System.Diagnostics.CodeAnalysis;
using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;

namespace CallMirror.WsGateway.Joining;

/// <summary>
/// The calls that are up, as far as this process has heard of them: from their events, and from sip-tracker's answer when it began. Whose lane is whose
/// does not matter here.
/// </summary>
internal sealed class CallDirectory(int maxCalls, JoinMetrics metrics)
{
    // Who asks for a call that has just ended is told so.
    private const int RememberedEnds = 1024;

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<CallKey, KnownCall> _calls = [];
    private readonly Dictionary<string, CallKey> _latest = new(StringComparer.Ordinal);
    private readonly HashSet<CallKey> _ended = [];
    private readonly Queue<CallKey> _endedInOrder = new();

    /// <summary>The calls that are up, the oldest first.</summary>
    public IReadOnlyList<KnownCall> Calls
    {
        get
        {
            lock (_lock)
                return [.. _calls.Values.OrderBy(call => call.StartedAt)];
        }
    }

    /// <summary>The latest call of a Call-ID that is up; one that was found by its media has two.</summary>
    public bool TryFind(string callId, [NotNullWhen(true)] out KnownCall? call)
    {
        call = null;
        lock (_lock)
            return _latest.TryGetValue(callId, out var key) && _calls.TryGetValue(key, out call);
    }

    /// <summary>What is known of a call by now; where it is no longer up, what was known.</summary>
    public KnownCall Latest(KnownCall call)
    {
        lock (_lock)
            return _calls.GetValueOrDefault(call.Key, call);
    }

    /// <summary>A call of that Call-ID was up not long ago.</summary>
    public bool HasEnded(string callId)
    {
        lock (_lock)
            return _ended.Any(call => call.CallId == callId);
    }

    public void Apply(CallStarted started) => Change(
        started, started.At, call => call with { From = started.From ?? call.From, To = started.To ?? call.To });

    public void Apply(CallAnswered answered) => Change(answered, answered.At, call => call with { AnsweredAt = answered.At });

    public void Apply(MediaNegotiated media) => Change(media, media.StartedAt, call => call.With(media));

    public void Apply(CallHeld held) => Change(held, held.At, call => call with { Holds = call.Holds | (1 << held.By) });

    public void Apply(CallResumed resumed) => Change(resumed, resumed.At, call => call with { Holds = call.Holds & ~(1 << resumed.By) });

    public void Apply(CallEnded ended) => End(KeyOf(ended, ended.At));

    /// <summary>The call is over, by SIP or by its media.</summary>
    public void End(CallKey call)
    {
        lock (_lock)
        {
            Remove(call);
            if (!_ended.Add(call))
                return;
            _endedInOrder.Enqueue(call);
            if (_endedInOrder.Count > RememberedEnds)
                _ended.Remove(_endedInOrder.Dequeue());
        }
    }

    private void Change(CallEvent happened, DateTimeOffset startedAt, Func<KnownCall, KnownCall> change)
    {
        var key = KeyOf(happened, startedAt);
        lock (_lock)
        {
            // What is told of a call that has ended was said before that, unless it begins anew.
            if (_ended.Contains(key) && happened is not (CallStarted or MediaNegotiated))
                return;
            if (!_calls.TryGetValue(key, out var call))
                call = Add(key);
            call = _calls[key] = change(call) with { CorrelationId = happened.CorrelationId ?? call.CorrelationId };
            if (call.Name is { } name)
                _latest[name.CallId] = key;
        }
    }

    // What names no epoch means the latest call of its Call-ID.
    private CallKey KeyOf(CallEvent happened, DateTimeOffset startedAt)
    {
        if (CallKey.Names(happened))
            return CallKey.Of(happened);
        lock (_lock)
            return _latest.TryGetValue(happened.CallId, out var latest) ? latest : new CallKey(happened.CallId, CaptureTime.ToNanoseconds(startedAt));
    }

    private KnownCall Add(in CallKey key)
    {
        if (_calls.Count >= maxCalls)
        {
            Remove(_calls.GetAt(0).Key);
            metrics.CallForgotten();
        }

        if (!_latest.TryGetValue(key.CallId, out var latest) || latest.EpochNs < key.EpochNs)
            _latest[key.CallId] = key;
        return new KnownCall { CallId = key.CallId, StartedAt = CaptureTime.ToDateTime(key.EpochNs) };
    }

    private void Remove(CallKey call)
    {
        if (!_calls.Remove(call, out var removed))
            return;
        if (removed.Name is { } name && _latest.GetValueOrDefault(name.CallId) == call)
            _latest.Remove(name.CallId);
        if (_latest.GetValueOrDefault(call.CallId) != call)
            return;
        _latest.Remove(call.CallId);
        foreach (var other in _calls.Keys)
            if (other.CallId == call.CallId && other.EpochNs >= _latest.GetValueOrDefault(call.CallId).EpochNs)
                _latest[call.CallId] = other;
    }
}
