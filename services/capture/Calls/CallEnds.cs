using CallMirror.Capture.Engine;
using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Protocols.Packets;

namespace CallMirror.Capture.Calls;

/// <summary>Ends calls: those that SIP ends, those that have fallen silent, and those that were found and whose hosts have said BYE.</summary>
internal sealed class CallEnds(CaptureOptions options, MediaRoutes routes, Queue<CaptureEffect> effects, bool isFile)
{
    // What is said of a call that has just been found silent was on its way meanwhile; no more than so many are.
    private const int MaxRemembered = 256;

    private readonly EndedSources _sources = new();
    private readonly SpokenBefore? _spoken = isFile ? new() : null;
    private readonly FoundCallByes _byes = new(options);
    private readonly Queue<CallKey> _found = new();
    private readonly long _mediaTimeoutNs = (long)options.MediaTimeout.TotalNanoseconds;
    private readonly long _foundMediaTimeoutNs = (long)options.FoundMediaTimeout.TotalNanoseconds;

    /// <summary>Ends a call; a second time does nothing.</summary>
    public void End(MirroredCall call, long timeNs, EndReason reason)
    {
        if (!call.IsRunning)
            return;
        call.End(timeNs, reason);
        routes.Suspend(call);
        // What SIP knows by another name now goes on under that.
        if (reason != EndReason.Replaced)
            _sources.Add(call.Senders, call.LastMediaNs);
        if (!call.IsFound)
            _spoken?.Add(call);
    }

    /// <summary>Ends a call that has been silent for too long by this time.</summary>
    public void EndIfSilent(MirroredCall call, long nowNs)
    {
        if (!call.IsRunning)
            return;
        long endNs = call.LastMediaNs + (call.IsFound ? _foundMediaTimeoutNs : _mediaTimeoutNs);
        if (call.IsFound && _byes.EndOf(call, nowNs) is { } byeNs)
            EndFound(call, byeNs, EndReason.Bye);
        else if (endNs <= nowNs && call.IsFound)
            EndFound(call, endNs, EndReason.MediaTimeout);
        else if (endNs <= nowNs)
            End(call, endNs, EndReason.MediaTimeout);
    }

    /// <summary>Somebody said BYE in a dialog that nobody knows.</summary>
    public void Bye(HeardBye bye, IEnumerable<MirroredCall> calls) => _byes.Note(bye, calls);

    /// <summary>A call was found at a time, and is known only now.</summary>
    public void Begin(MirroredCall found, long foundNs) => _byes.NoteSince(foundNs, found);

    /// <summary>Whether a sender of a call that has ended goes on without a pause.</summary>
    public bool GoesOn(TransportAddress receiver, ReadOnlySpan<byte> payload, long timeNs) => _sources.GoesOn(receiver, payload, timeNs);

    /// <summary>Whether a packet of a file is a copy of one of a call of SIP that has ended.</summary>
    public bool IsCopy(TransportAddress receiver, ReadOnlySpan<byte> payload) => _spoken?.Has(receiver, payload) == true;

    /// <summary>Whether it is a call that was found, and that this capture has ended: then nobody reads its lane any more.</summary>
    public bool HasEnded(CallEvent found) => found.SipCallId is not null && _found.Contains(CallKey.Of(found));

    // Nobody else could say that it is over.
    private void EndFound(MirroredCall call, long timeNs, EndReason reason)
    {
        End(call, timeNs, reason);
        if (_found.Count == MaxRemembered)
            _found.Dequeue();
        _found.Enqueue(call.Key);
        var ended = new CallEnded
        {
            CallId = call.CallId,
            StartedAt = CaptureTime.ToDateTime(call.EpochNs),
            At = CaptureTime.ToDateTime(timeNs),
            Reason = reason,
        };
        effects.Enqueue(CaptureEffect.Of(ended, call.EpochNs));
    }
}
