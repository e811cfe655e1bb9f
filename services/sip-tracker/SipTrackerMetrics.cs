using System.Diagnostics.Metrics;
using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker;

/// <summary>What sip-tracker counts, under the meter <c>CallMirror.SipTracker</c>.</summary>
internal sealed class SipTrackerMetrics
{
    private readonly Counter<long> _messages;
    private readonly Counter<long> _found;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _negotiations;
    private readonly Counter<long> _unsaved;
    private readonly UpDownCounter<long> _active;

    public SipTrackerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CallMirror.SipTracker");
        _messages = meter.CreateCounter<long>("callmirror.sip_tracker.messages", "{message}", "SIP messages taken in");
        _found = meter.CreateCounter<long>("callmirror.sip_tracker.media_found", "{message}", "Media without SIP that capture told of, whether it became a call or not");
        _dropped = meter.CreateCounter<long>("callmirror.sip_tracker.dropped", "{message}", "SIP messages that had no part in a call, by reason");
        _ended = meter.CreateCounter<long>("callmirror.sip_tracker.calls.ended", "{call}", "Calls that ended, by reason");
        _negotiations = meter.CreateCounter<long>("callmirror.sip_tracker.negotiations", "{negotiation}", "Offers answered that changed a call's media");
        _unsaved = meter.CreateCounter<long>("callmirror.sip_tracker.unsaved", "{message}", "Messages after which the call state could not be saved");
        _active = meter.CreateUpDownCounter<long>("callmirror.sip_tracker.calls.active", "{call}", "Calls that are up");
    }

    public void MessageTaken() => _messages.Add(1);

    public void MediaFound() => _found.Add(1);

    public void Dropped(string reason) => _dropped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void NotSaved() => _unsaved.Add(1);

    public void Restored(int calls) => _active.Add(calls);

    public void Happened(object callEvent)
    {
        if (callEvent is CallStarted)
            _active.Add(1);
        else if (callEvent is MediaNegotiated)
            _negotiations.Add(1);
        else if (callEvent is CallEnded end)
            Ended(end);
    }

    private void Ended(CallEnded end)
    {
        _active.Add(-1);
        _ended.Add(1, new KeyValuePair<string, object?>("reason", EndReasons.Word(end.Reason)));
    }
}
