namespace CallMirror.SipTracker.Calls;

/// <summary>
/// Messages that came before what they belong to: a mirror keeps no order between the two directions. Bounded in number and, by
/// packets' time, in age; what nobody claims is dropped and counted.
/// </summary>
internal sealed class EarlyMessages(SipTrackerOptions options, DropCounts drops)
{
    private const int MaxTotal = 4096;
    private const int MaxPerCall = 16;

    private readonly Dictionary<string, List<CallMessage>> _byCall = new(StringComparer.Ordinal);
    private readonly Queue<(DateTimeOffset Since, CallMessage Message)> _byAge = new();

    public void Add(CallMessage message, DateTimeOffset now)
    {
        if (!_byCall.TryGetValue(message.Sip.CallId, out var waiting))
            _byCall[message.Sip.CallId] = waiting = [];
        if (waiting.Count == MaxPerCall || _byAge.Count == MaxTotal)
            drops.Count(DropReasons.HoldFull);
        else
        {
            waiting.Add(message);
            _byAge.Enqueue((now, message));
        }

        Tidy(message.Sip.CallId, waiting);
    }

    /// <summary>What waits for this call, in the order it came. The caller says by <see cref="Remove"/> what it took.</summary>
    public IReadOnlyList<CallMessage> Of(string callId) => _byCall.TryGetValue(callId, out var waiting) ? [.. waiting] : [];

    /// <summary>True where the message was waiting.</summary>
    public bool Remove(CallMessage message)
    {
        if (!_byCall.TryGetValue(message.Sip.CallId, out var waiting))
            return false;
        bool removed = waiting.RemoveAll(other => ReferenceEquals(other, message)) > 0;
        Tidy(message.Sip.CallId, waiting);
        return removed;
    }

    /// <summary>Takes out what has waited too long.</summary>
    public IReadOnlyList<CallMessage> Expire(DateTimeOffset now)
    {
        List<CallMessage> expired = [];
        while (_byAge.TryPeek(out var oldest) && (now - oldest.Since).Duration() > options.HoldBack)
        {
            _byAge.Dequeue();
            if (Remove(oldest.Message))
                expired.Add(oldest.Message);
        }

        return expired;
    }

    private void Tidy(string callId, List<CallMessage> waiting)
    {
        if (waiting.Count == 0)
            _byCall.Remove(callId);
    }
}
