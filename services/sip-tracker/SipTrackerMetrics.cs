using System.Diagnostics.Metrics;
using CallMirror.Contracts.Calls;

namespace CallMirror.SipTracker;

/// <summary>What sip-tracker counts, under the meter <c>CallMirror.SipTracker</c>.</summary>
internal sealed class SipTrackerMetrics
{
    private readonly Counter<long> messages;
    private readonly Counter<long> dropped;
    private readonly Counter<long> ended;
    private readonly Counter<long> negotiations;
    private readonly Counter<long> unsaved;
    private readonly UpDownCounter<long> active;

    public SipTrackerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CallMirror.SipTracker");
        messages = meter.CreateCounter<long>("callmirror.sip_tracker.messages", "{message}", "SIP messages taken in");
        dropped = meter.CreateCounter<long>("callmirror.sip_tracker.dropped", "{message}", "SIP messages that had no part in a call, by reason");
        ended = meter.CreateCounter<long>("callmirror.sip_tracker.calls.ended", "{call}", "Calls that ended, by reason");
        negotiations = meter.CreateCounter<long>("callmirror.sip_tracker.negotiations", "{negotiation}", "Offers answered that changed a call's media");
        unsaved = meter.CreateCounter<long>("callmirror.sip_tracker.unsaved", "{message}", "Messages after which the call state could not be saved");
        active = meter.CreateUpDownCounter<long>("callmirror.sip_tracker.calls.active", "{call}", "Calls that are up");
    }

    public void MessageTaken() => messages.Add(1);

    public void Dropped(string reason) => dropped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void NotSaved() => unsaved.Add(1);

    public void Restored(int calls) => active.Add(calls);

    public void Happened(object callEvent)
    {
        if (callEvent is CallStarted)
            active.Add(1);
        else if (callEvent is MediaNegotiated)
            negotiations.Add(1);
        else if (callEvent is CallEnded end)
            Ended(end);
    }

    private void Ended(CallEnded end)
    {
        active.Add(-1);
        ended.Add(1, new KeyValuePair<string, object?>("reason", EndReasons.Word(end.Reason)));
    }
}
