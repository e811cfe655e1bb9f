using System.Diagnostics.CodeAnalysis;
using CallMirror.Contracts.Calls;

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
    private readonly OrderedDictionary<string, KnownCall> _calls = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
    private readonly Queue<string> _endedInOrder = new();

    /// <summary>The calls that are up, the oldest first.</summary>
    public IReadOnlyList<KnownCall> Calls
    {
        get
        {
            lock (_lock)
                return [.. _calls.Values.OrderBy(call => call.StartedAt)];
        }
    }

    public bool TryFind(string callId, [NotNullWhen(true)] out KnownCall? call)
    {
        lock (_lock)
            return _calls.TryGetValue(callId, out call);
    }

    /// <summary>The call was up not long ago.</summary>
    public bool HasEnded(string callId)
    {
        lock (_lock)
            return _ended.Contains(callId);
    }

    public void Apply(CallStarted started) => Change(
        started, started.At, call => call with { From = started.From ?? call.From, To = started.To ?? call.To, StartedAt = started.At });

    public void Apply(CallAnswered answered) => Change(answered, answered.At, call => call with { AnsweredAt = answered.At });

    public void Apply(MediaNegotiated media) => Change(media, media.StartedAt, call => call.With(media));

    public void Apply(CallHeld held) => Change(held, held.At, call => call with { Holds = call.Holds | (1 << held.By) });

    public void Apply(CallResumed resumed) => Change(resumed, resumed.At, call => call with { Holds = call.Holds & ~(1 << resumed.By) });

    /// <summary>The call is over, by SIP or by its media.</summary>
    public void End(string callId)
    {
        lock (_lock)
        {
            _calls.Remove(callId);
            if (!_ended.Add(callId))
                return;
            _endedInOrder.Enqueue(callId);
            if (_endedInOrder.Count > RememberedEnds)
                _ended.Remove(_endedInOrder.Dequeue());
        }
    }

    private void Change(CallEvent happened, DateTimeOffset startedAt, Func<KnownCall, KnownCall> change)
    {
        lock (_lock)
        {
            // What is told of a call that has ended was said before that, unless it begins anew.
            if (_ended.Contains(happened.CallId) && happened is not (CallStarted or MediaNegotiated))
                return;
            if (!_calls.TryGetValue(happened.CallId, out var call))
            {
                Forget();
                call = new KnownCall { CallId = happened.CallId, StartedAt = startedAt };
            }

            _calls[happened.CallId] = change(call) with { CorrelationId = happened.CorrelationId ?? call.CorrelationId };
        }
    }

    private void Forget()
    {
        if (_calls.Count < maxCalls)
            return;
        _calls.RemoveAt(0);
        metrics.CallForgotten();
    }
}
