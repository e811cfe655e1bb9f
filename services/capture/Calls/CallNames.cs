using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;

namespace CallMirror.Capture.Calls;

/// <summary>
/// The calls by their names: Call-ID and epoch. One that was found by its media keeps the name that it was found by, and has the Call-ID that SIP gives it beside that.
/// </summary>
internal sealed class CallNames
{
    private readonly Dictionary<CallKey, MirroredCall> _calls = [];
    private readonly Dictionary<string, MirroredCall> _latest = new(StringComparer.Ordinal);

    public int Count => _calls.Count;

    /// <summary>All calls.</summary>
    public Dictionary<CallKey, MirroredCall>.ValueCollection All => _calls.Values;

    /// <summary>The call of an event; one that names no epoch means the latest of its Call-ID.</summary>
    public MirroredCall? Find(CallEvent callEvent) =>
        CallKey.Names(callEvent) ? _calls.GetValueOrDefault(CallKey.Of(callEvent)) : Latest(callEvent.CallId);

    /// <summary>The latest call of a Call-ID.</summary>
    public MirroredCall? Latest(string callId) => _latest.GetValueOrDefault(callId);

    public void Add(MirroredCall call)
    {
        _calls.Add(call.Key, call);
        _latest[call.CallId] = call;
    }

    /// <summary>A call that was found has got its Call-ID.</summary>
    public void Rename(MirroredCall call, string sipCallId)
    {
        call.SipCallId = sipCallId;
        _latest[sipCallId] = call;
    }

    public void Remove(MirroredCall call)
    {
        _calls.Remove(call.Key);
        Forget(call.CallId, call);
        if (call.SipCallId is { } sipCallId)
            Forget(sipCallId, call);
    }

    private void Forget(string callId, MirroredCall call)
    {
        if (Latest(callId) == call)
            _latest.Remove(callId);
    }
}
