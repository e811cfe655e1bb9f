using CallMirror.Contracts.Sip;

namespace CallMirror.SipTracker.Calls;

/// <summary>The calls that are known by their media alone, beside those of SIP: one call's media has one name.</summary>
internal sealed class FoundCalls(CallTable calls)
{
    /// <summary>Whether media that was found is, or may yet be, that of a call that is known.</summary>
    public bool IsOfACall(MediaFound found)
    {
        var pair = MediaPair.Of(found.Source, found.Destination);
        return calls.All.Any(call => FoundMedia.IsOf(call, found, pair));
    }

    /// <summary>Ends those whose media this call of SIP has agreed on.</summary>
    public void Replace(CallState known, DateTimeOffset at, List<object> events)
    {
        foreach (var call in calls.Found.Where(call => FoundMedia.IsReplacedBy(call, known)).ToList())
        {
            var progress = new CallProgress(call, events);
            progress.Signal(CallSignal.Replaced, at);
            calls.Set(progress.State);
        }
    }
}
