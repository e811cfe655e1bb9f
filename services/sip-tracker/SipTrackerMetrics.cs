using System.Diagnostics.Metrics;
using CallMirror.Contracts.Calls;
using CallMirror.SipTracker.Calls;

namespace CallMirror.SipTracker;

/// <summary>What sip-tracker counts, under the meter <c>CallMirror.SipTracker</c>.</summary>
internal sealed class SipTrackerMetrics
{
    private static readonly InstrumentAdvice<double> HandlingBuckets =
        new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };

    private static readonly (CallPhase Phase, string Word)[] Phases =
    [
        (CallPhase.Inviting, "inviting"),
        (CallPhase.Challenged, "challenged"),
        (CallPhase.Cancelling, "cancelling"),
        (CallPhase.Answered, "answered"),
        (CallPhase.Found, "found"),
    ];

    private readonly Counter<long> _messages;
    private readonly Counter<long> _found;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _negotiations;
    private readonly Counter<long> _unsaved;
    private readonly UpDownCounter<long> _active;
    private readonly Histogram<double> _handling;
    private Func<CallPhase, int> _callsIn = _ => 0;

    public SipTrackerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("CallMirror.SipTracker");
        _messages = meter.CreateCounter<long>("callmirror.sip_tracker.messages", "{message}", "SIP messages taken in, by what they did to a call");
        _found = meter.CreateCounter<long>("callmirror.sip_tracker.media_found", "{message}", "Media without SIP that capture told of, whether it became a call or not");
        _dropped = meter.CreateCounter<long>("callmirror.sip_tracker.dropped", "{message}", "SIP messages that had no part in a call, by reason");
        _ended = meter.CreateCounter<long>("callmirror.sip_tracker.calls.ended", "{call}", "Calls that ended, by reason");
        _negotiations = meter.CreateCounter<long>("callmirror.sip_tracker.negotiations", "{negotiation}", "Offers and answers that changed a call's media");
        _unsaved = meter.CreateCounter<long>("callmirror.sip_tracker.unsaved", "{message}", "Messages after which the call state could not be saved");
        _active = meter.CreateUpDownCounter<long>("callmirror.sip_tracker.calls.active", "{call}", "Calls that are up");
        _handling = meter.CreateHistogram("callmirror.sip_tracker.handling.duration", "s", "Time to handle one message: to decide, publish and save", tags: null, HandlingBuckets);
        meter.CreateObservableUpDownCounter("callmirror.sip_tracker.calls", CallsByState, "{call}", "Calls that are up, by state");
    }

    /// <summary>Shows how many calls there are in a phase.</summary>
    public void Watch(Func<CallPhase, int> callsIn) => _callsIn = callsIn;

    public void MessageTaken(bool changed) => _messages.Add(1, new KeyValuePair<string, object?>("outcome", changed ? "changed" : "unchanged"));

    public void Handled(TimeSpan within) => _handling.Record(within.TotalSeconds);

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

    private IEnumerable<Measurement<int>> CallsByState() =>
        Phases.Select(state => new Measurement<int>(_callsIn(state.Phase), new KeyValuePair<string, object?>("state", state.Word)));

    private void Ended(CallEnded end)
    {
        _active.Add(-1);
        _ended.Add(1, new KeyValuePair<string, object?>("reason", EndReasons.Word(end.Reason)));
    }
}
