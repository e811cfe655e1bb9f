using System.Text;
using CallMirror.Capture.Engine;
using CallMirror.Capture.Windows;
using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Media;
using CallMirror.Contracts.Sip;
using CallMirror.Protocols.Packets;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Calls;

/// <summary>The calls whose media is followed: takes their packets, closes their windows, ends them. A call is Call-ID and epoch.</summary>
internal sealed class CallTable(CaptureOptions options, uint source, ControlOrder control, WindowCycle cycle, CaptureCounters counters, Queue<CaptureEffect> effects)
{
    // Well within the half minute for which a call is kept without.
    private const long RunningPeriodNs = 10_000_000_000;

    private readonly Dictionary<(string CallId, long EpochNs), MirroredCall> _calls = [];
    private readonly Dictionary<string, MirroredCall> _latest = new(StringComparer.Ordinal);
    private readonly List<MirroredCall> _finished = [];
    private readonly MediaRoutes _routes = new();
    private readonly EndedSources _ended = new();
    private readonly FoundCallByes _byes = new(options);
    private readonly long _mediaTimeoutNs = (long)options.MediaTimeout.TotalNanoseconds;
    private readonly long _foundMediaTimeoutNs = (long)options.FoundMediaTimeout.TotalNanoseconds;
    private long _order;

    public int Count => _calls.Count;

    /// <summary>
    /// Takes over what was negotiated; null where that can't be followed. Whatever had waited too long by now is settled under the old
    /// meaning of the payload types, wherever the window ends.
    /// </summary>
    public MirroredCall? Negotiate(MediaNegotiated negotiated, long nowNs)
    {
        if (Find(negotiated) is not { } call && (call = TryAdd(negotiated, nowNs)) is null)
            return null;
        Advance(call, nowNs);
        foreach (var stream in negotiated.Streams)
            if (stream.Role is < 0 or > 1)
                counters.Drop(DropReason.BadCallEvent);
        if (call.TryNegotiate(negotiated))
            _routes.Announce(call);
        return call;
    }

    public void Answer(CallAnswered answered) => Find(answered)?.Answer(answered.At);

    public void Hold(CallHeld held)
    {
        if (Find(held) is { } call)
            call.Mark(MarkKind.Hold, held.By, CaptureTime.ToNanoseconds(held.At));
    }

    public void Resume(CallResumed resumed)
    {
        if (Find(resumed) is { } call)
            call.Mark(MarkKind.Resume, resumed.By, CaptureTime.ToNanoseconds(resumed.At));
    }

    public void End(CallEnded ended, long nowNs)
    {
        if (Find(ended) is not { } call)
            return;
        Advance(call, nowNs);
        End(call, CaptureTime.ToNanoseconds(ended.At), ended.Reason);
    }

    /// <summary>Until sip-tracker has answered a message of a call, it is not known what the call's next packets are.</summary>
    public void Suspend(string callId)
    {
        if (_latest.TryGetValue(callId, out var call))
            _routes.Suspend(call);
    }

    /// <summary>Until it is known whose the packets at an address are, none is given away.</summary>
    public void Suspend(TransportAddress address) => _routes.Suspend(address);

    /// <summary>Somebody said BYE between two hosts.</summary>
    public void Bye(SipMessageCaptured message, long timeNs)
    {
        if (!_latest.ContainsKey(message.CallId))
            FoundCallByes.Note(message, timeNs, _calls.Values);
    }

    /// <summary>Gives a packet to the call that has its path, while nothing is pending that could change it.</summary>
    public bool TryAcceptAtOnce(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (!_routes.TryRecall(path, out var route) || !IsTaken(route.Call, timeNs))
            return false;
        Accept(route, path, payload, timeNs);
        return true;
    }

    /// <summary>Gives a packet to its call, all that was said before it being known; false where no call claims it and one may still do so.</summary>
    /// <param name="path">From where to where it goes.</param>
    /// <param name="payload">The RTP packet.</param>
    /// <param name="timeNs">When it was captured.</param>
    /// <param name="isLatest">No packet waits behind it: the next of its path may be given away at once.</param>
    public bool TryAccept(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs, bool isLatest)
    {
        if (TryFind(path, payload, timeNs, out var route, out var reason))
            Begin(route, path, payload, timeNs, isLatest);
        else if (reason is { } dropped)
            counters.Drop(dropped);
        else
            return false;
        return true;
    }

    /// <summary>Gives a packet that has waited to a call that was announced since; false where it is not that call's.</summary>
    public bool TryClaim(MirroredCall call, in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (!TryFind(path, payload, timeNs, out var route, out _) || route.Call != call)
            return false;
        Begin(route, path, payload, timeNs, isLatest: false);
        return true;
    }

    /// <summary>The windows of some calls are over: one message for each that has something to say, and the last one for those that have ended.</summary>
    /// <param name="nowNs">Packets' time.</param>
    /// <param name="settledNs">Up to when it is known what sip-tracker has said: nothing after it is silent for certain, late, or over.</param>
    public void CloseWindows(long nowNs, long settledNs)
    {
        long now = cycle.At(nowNs);
        foreach (var call in _calls.Values)
            if (call.Window.IsOver(now))
                CloseWindow(call, settledNs);
        foreach (var call in _finished)
            Finish(call);
        _finished.Clear();
    }

    /// <summary>The capture is over.</summary>
    public void FinishAll(long nowNs, EndReason reason)
    {
        foreach (var call in _calls.Values)
        {
            EndIfSilent(call, nowNs);
            call.End(nowNs, reason);
            _finished.Add(call);
        }

        foreach (var call in _finished)
            Finish(call);
        _finished.Clear();
    }

    private void CloseWindow(MirroredCall call, long settledNs)
    {
        EndIfSilent(call, settledNs);
        Advance(call, settledNs);
        TellRunning(call);
        if (!call.IsTakenAt(settledNs))
            _finished.Add(call);
        else if (call.Write(source, last: false) is { } batch)
            Send(call, batch);
    }

    // No timer of SIP ends a call whose media runs; of one that was found there are none.
    private void TellRunning(MirroredCall call)
    {
        if (call.IsFound || !call.IsRunning || call.LastMediaNs - call.ToldRunningNs < RunningPeriodNs)
            return;
        call.ToldRunningNs = call.LastMediaNs;
        effects.Enqueue(CaptureEffect.Of(new MediaRunning
        {
            CaptureId = control.CaptureId,
            Sequence = control.Next(),
            CallId = call.CallId,
            StartedAt = CaptureTime.ToDateTime(call.EpochNs),
            At = CaptureTime.ToDateTime(call.LastMediaNs),
            AnswerRequested = true,
        }));
    }

    private static void Advance(MirroredCall call, long settledNs) => call.Advance(settledNs);

    private MirroredCall? Find(CallEvent callEvent)
    {
        if (callEvent.StartedAt == default)
            return _latest.GetValueOrDefault(callEvent.CallId);
        return _calls.GetValueOrDefault((callEvent.CallId, CaptureTime.ToNanoseconds(callEvent.StartedAt)));
    }

    private MirroredCall? TryAdd(MediaNegotiated negotiated, long nowNs)
    {
        byte[] callId = Encoding.UTF8.GetBytes(negotiated.CallId);
        bool fits = callId.Length <= MediaLayout.MaxCallIdBytes;
        if (!fits || _calls.Count >= options.MaxCalls)
        {
            counters.Drop(fits ? DropReason.TooManyCalls : DropReason.BadCallEvent);
            return null;
        }

        var call = new MirroredCall(negotiated, nowNs, callId, ++_order, options, counters)
        {
            Window = new CallWindow(_order, cycle.At(nowNs)),
        };
        _calls.Add((call.CallId, call.EpochNs), call);
        return _latest[call.CallId] = call;
    }

    // Whether a call is over is said by packets' time, not by the window that happens to close it; then its addresses go to the next.
    private bool IsTaken(MirroredCall call, long timeNs)
    {
        EndIfSilent(call, timeNs);
        return call.IsTakenAt(timeNs);
    }

    private bool TryFind(in MediaPath path, ReadOnlySpan<byte> payload, long timeNs, out MediaRoute route, out DropReason? reason)
    {
        reason = null;
        RouteFailure failure;
        while (_routes.TryFind(path, timeNs, out route, out failure))
        {
            if (!IsTaken(route.Call, timeNs))
                _routes.Remove(route.Call);
            else if (IsOfCall(route, path, payload, timeNs))
                return true;
            else
                break;
        }

        if (failure == RouteFailure.LostFork)
            reason = DropReason.LostFork;
        else if (_ended.GoesOn(path.Destination, payload, timeNs))
            reason = DropReason.AfterEnd;
        return false;
    }

    // A path of which the call announced both ends is right, whatever was on it before; so is one that it has had, and the ended call's own.
    private bool IsOfCall(in MediaRoute route, in MediaPath path, ReadOnlySpan<byte> payload, long timeNs) =>
        !route.Call.IsRunningAt(timeNs)
        || route.Call.Has(path)
        || route.Call.ScoreOf(route.Role, path, timeNs) >= RouteScore.BothEnds
        || !_ended.GoesOn(path.Destination, payload, timeNs);

    private void Begin(in MediaRoute route, in MediaPath path, ReadOnlySpan<byte> payload, long timeNs, bool isLatest)
    {
        route.Call.Remember(path);
        if (isLatest)
            _routes.Remember(path, route, timeNs);
        Accept(route, path, payload, timeNs);
    }

    private void Accept(in MediaRoute route, in MediaPath path, ReadOnlySpan<byte> payload, long timeNs)
    {
        if (!RtpPacket.TryParse(payload, out var packet, out _))
        {
            counters.Drop(DropReason.BadRtp);
            return;
        }

        counters.Rtp++;
        route.Call.Accept(route.Role, path, packet, timeNs);
    }

    private void EndIfSilent(MirroredCall call, long nowNs)
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

    // Nobody else could say that it is over.
    private void EndFound(MirroredCall call, long timeNs, EndReason reason)
    {
        End(call, timeNs, reason);
        var ended = new CallEnded
        {
            CallId = call.CallId,
            StartedAt = CaptureTime.ToDateTime(call.EpochNs),
            At = CaptureTime.ToDateTime(timeNs),
            Reason = reason,
        };
        effects.Enqueue(CaptureEffect.Of(ended, call.EpochNs));
    }

    private void End(MirroredCall call, long timeNs, EndReason reason)
    {
        if (!call.IsRunning)
            return;
        call.End(timeNs, reason);
        _routes.Suspend(call);
        // What SIP knows by another name now goes on under that.
        if (reason != EndReason.Replaced)
            _ended.Add(call.Sources, call.LastMediaNs);
    }

    private void Finish(MirroredCall call)
    {
        call.Finish();
        Send(call, call.Write(source, last: true)!);
        foreach (var quality in call.Quality())
            effects.Enqueue(CaptureEffect.Of(quality, call.EpochNs, call.Streams[quality.Role].FirstPacketNs));
        effects.Enqueue(CaptureEffect.Of(call.Figures()));
        _routes.Remove(call);
        _calls.Remove((call.CallId, call.EpochNs));
        if (_latest.GetValueOrDefault(call.CallId) == call)
            _latest.Remove(call.CallId);
    }

    private void Send(MirroredCall call, MediaBuffer batch)
    {
        counters.Batches++;
        effects.Enqueue(CaptureEffect.Of(call.CallId, batch));
    }
}
