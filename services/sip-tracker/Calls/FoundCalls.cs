using CallMirror.Contracts.Calls;
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

    /// <summary>
    /// Whether a call that the tap came late to may be one that was found: its media is at an address, or between the hosts, of such a one, or not known yet. An offer does not tell
    /// for certain.
    /// </summary>
    public bool MayBe(CallState late) => calls.Found.Any(found => late.Announced.Length == 0 || FoundMedia.MayBe(found, late));

    /// <summary>
    /// Tells a call that the tap came late to, once its media is agreed on, or can't be that of a call that was found. Where it is that of one, the call goes on under that
    /// name, with its streams and their roles.
    /// </summary>
    public CallState Tell(CallState late, DateTimeOffset at, List<object> events)
    {
        bool isAgreed = AnnouncedMedia.Counting(late).Any(dialog => dialog.Agreed.Length > 0);
        if (late.IsEnded || (!isAgreed && MayBe(late)))
            return late;
        var told = late with { IsUntold = false };
        if (calls.Found.Where(found => FoundMedia.IsReplacedBy(found, late)).ToList() is [var only])
        {
            calls.Remove(only);
            told = FoundMedia.Named(told, only);
        }
        else
        {
            Replace(told, at, events);
            events.Add(CallEvents.Started(told));
        }

        events.Add(CallEvents.Answered(told, told.PhaseSince));
        if (told.Announced.Length > 0)
            events.Add(CallEvents.Negotiated(told, at));
        foreach (int role in (int[])[0, 1])
            if (told.Holds.By(role))
                events.Add(CallEvents.Held(told, at, role));
        return told;
    }

    /// <summary>Tells what happened to a call; what was found and is its media ends before that is said of it.</summary>
    public CallState Told(CallTurn turn, List<object> events)
    {
        foreach (object happened in turn.Events)
        {
            if (happened is MediaNegotiated negotiated)
                Replace(turn.State, negotiated.At, events);
            events.Add(happened);
        }

        return turn.State;
    }

    // Ends those whose media this call of SIP has agreed on.
    private void Replace(CallState known, DateTimeOffset at, List<object> events)
    {
        foreach (var call in calls.Found.Where(call => FoundMedia.IsReplacedBy(call, known)).ToList())
        {
            var progress = new CallProgress(call, events);
            progress.Signal(CallSignal.Replaced, at);
            calls.Set(progress.State);
        }
    }
}
